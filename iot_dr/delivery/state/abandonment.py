"""The abandonment of a region that is gone for good: its resources leave the global states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from environments.settings import Settings
from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.lease import Lease
from iot_dr.delivery.session import Session
from iot_dr.observe.state.abandoned import (
    AbandonedRegion,
    abandoned_in,
    abandoned_location,
    content_of,
    merged,
)
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.store import Store, UnreachableError
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode
from stacks.state_location import (
    StateLocation,
    copied_stacks,
    copy_location,
    copy_regions,
    state_location,
)

_ATTEMPTS: Final = 10


class AbandonmentError(UserError):
    """A region must not be abandoned."""


@dataclass(frozen=True, kw_only=True)
class Abandonment:
    """What the global states have in a lost region, with ids; nothing is written yet.

    `resources` are keyed by stack and address. The record is written to all `places`, first to that
    of the home region. `serial` is that of the state's stack.
    """

    region: str
    serial: int
    resources: Mapping[str, Mapping[str, str]]
    places: tuple[StateLocation, ...]

    def carry_out(self, session: Session, store: Store) -> tuple[StateLocation, ...]:
        """Write the record, then remove the resources; return the places without a record.

        The record comes first, so that an interrupted run loses no id and can be repeated. Raises
        TerraformError if Terraform cannot change a state, UnreachableError if home does not answer.
        """
        home, *others = self.places
        regions = _record(store, home, (self._entry(),))
        missed: list[StateLocation] = []
        for place in others:
            try:
                _record(store, place, regions)
            except UnreachableError:
                missed.append(place)
        for stack, resources in self.resources.items():
            with session.initialized(stack) as terraform:
                terraform.forget(*resources)
        return tuple(missed)

    def _entry(self) -> AbandonedRegion:
        return AbandonedRegion(
            region=self.region,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            who=Lease.now().by,
            # The removal writes the state once more.
            serial=self.serial + 1,
            resources=self.resources,
        )


def _record(
    store: Store, place: StateLocation, added: tuple[AbandonedRegion, ...]
) -> tuple[AbandonedRegion, ...]:
    """Add regions to the record at a place, and return it with those of other runs.

    Of two runs at the same time the later one reads what the other one wrote.
    """
    for _ in range(_ATTEMPTS):
        stored = store.read(place)
        regions = merged(abandoned_in(stored.content if stored else None, place), added)
        tag = stored.tag if stored else None
        if store.write_if_unchanged(place, tag, content_of(regions)):
            return regions
    message = f"{place.url}: another run writes it now; nothing is removed: run the command again"
    raise AbandonmentError(message)


def abandonment(settings: Settings, region: str, session: Session, store: Store) -> Abandonment:
    """Return what the states have in `region`, which the settings name no more.

    Left out is what the next deployment keeps or destroys: resources that the synthesized stacks
    declare, and global ones whose provider they still have, as entry points have that of Route 53's
    region. Raises AbandonmentError if the region answers, UnreachableError if home does not.
    """
    _refuse_live(settings, region, store)
    nodes = copied_stacks(settings)
    place = abandoned_location(state_location(settings, nodes[0]))
    stored = store.read(place)
    # A damaged record is reported before anything is shown.
    abandoned_in(stored.content if stored else None, place)
    others = (copy_location(settings, nodes[0], each) for each in copy_regions(settings))
    snapshot = Snapshot.of(store.read(state_location(settings, nodes[0])))
    lost = {node.name: _lost(settings, node, region, session, store) for node in nodes}
    return Abandonment(
        region=region,
        serial=(snapshot.serial if snapshot else None) or 0,
        resources={stack: resources for stack, resources in lost.items() if resources},
        places=(place, *map(abandoned_location, others)),
    )


def _refuse_live(settings: Settings, region: str, store: Store) -> None:
    """Raise AbandonmentError if the region's state bucket answers, if only with a refusal."""
    bucket = settings.model_copy(update={"leaving_regions": (region,)}).state_bucket(region)
    try:
        answers = store.has_bucket(StateLocation(bucket=bucket, key="", region=region))
    except UnreachableError:
        return
    if answers:
        message = (
            f"{bucket} ({region}) answers: {product()} can destroy what is there, so let the region"
            " leave instead (docs/runbooks/remove-region.md); abandon only what is gone for good"
        )
        raise AbandonmentError(message)


def _lost(
    settings: Settings, node: StackNode, region: str, session: Session, store: Store
) -> dict[str, str]:
    """Return the ids, keyed by address, of what a state has with the provider of a region."""
    location = state_location(settings, node)
    stored = store.read(location)
    if stored is None:
        return {}
    state = StateFile.read(stored.content, location.url)
    return dict(_lost_resources(state, session.document(node.name), region))


def _lost_resources(
    state: StateFile, document: StackDocument, region: str
) -> Iterator[tuple[str, str]]:
    declared = document.content.get("resource", {})
    # The alias of a provider is its region, with underscores: ...aws"].eu_west_1.
    alias = region.replace("-", "_")
    is_configured = any(
        provider.get("alias") == alias
        for provider in document.content.get("provider", {}).get("aws", ())
    )
    for resource in state.resources:
        is_declared = not resource.module and resource.name in declared.get(resource.type, {})
        if is_declared or resource.provider_region != region:
            continue
        if is_configured and is_global(resource.type):
            continue
        data = "data." if resource.mode == "data" else ""
        module = f"{resource.module}." if resource.module else ""
        ids = (str(each.attributes.get("id")) for each in resource.instances)
        yield f"{module}{data}{resource.address}", ", ".join(ids)

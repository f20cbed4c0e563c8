"""The promotion: the copies in a standby's bucket become the owned global states."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from environments.project import settings_file
from environments.rules import FEWEST_REGIONS
from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.deployed_regions import deployed_regions
from iot_dr.delivery.state.moved_tables import with_moved_tables
from iot_dr.observe.state.fence import Fence, fence_location
from iot_dr.observe.state.snapshot import Snapshot
from iot_dr.observe.state.store import Store, UnreachableError
from iot_dr.terraform.lock_holder import LockHolder, holder_in, lock_location
from stacks.platform_graph import platform_graph
from stacks.state_location import (
    StateLocation,
    copied_stacks,
    copy_location,
    copy_regions,
    state_location,
)


class PromotionError(UserError):
    """A copy cannot, or must not, become the owned state."""


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """The states that a promotion makes owned, and the locks it clears; nothing is written yet.

    `copies` are the existing copies by stack; `missing` names the stacks without one, never applied
    or lost with home; `locks` are the holders of the locks, None if unknown. The fence is written
    to all `places`, first to that of the promoted region; `standing` are those of earlier runs and
    promotions. `tables` are states whose tables move to the region. `originals` are the states of
    all stacks if home lives: none may be locked, and a copy must be equal to its original, and stay
    so.
    """

    region: str
    copies: Mapping[str, Snapshot]
    missing: tuple[str, ...]
    locks: Mapping[StateLocation, LockHolder | None]
    fence: Fence
    places: tuple[StateLocation, ...]
    standing: Mapping[StateLocation, Fence]
    tables: Mapping[StateLocation, bytes]
    originals: Mapping[str, StateLocation]

    def carry_out(self, store: Store) -> tuple[StateLocation, ...]:
        """Write the fence, clear the locks, move the tables; return the places without a fence.

        The fence comes first, so that an interrupted run lets nobody in and can be repeated with
        the same result. Raises UnreachableError if the promoted region itself does not answer, and
        PromotionError, with the fences from before, if a living home was written in between.
        """
        own, *others = self.places
        store.write(own, self.fence.content())
        missed: list[StateLocation] = []
        for place in others:
            try:
                store.write(place, self.fence.content())
            except UnreachableError:
                missed.append(place)
        try:
            # A run that had passed the fence before it was there has locked or written a state.
            _refuse_behind(store, self.originals, {**dict.fromkeys(self.missing), **self.copies})
        except PromotionError:
            for place in (each for each in self.places if each not in missed):
                if former := self.standing.get(place):
                    store.write(place, former.content())
                else:
                    store.delete(place)
            raise
        for lock in self.locks:
            store.delete(lock)
        # Last, since the copies are not equal to a living home's states any more.
        for place, content in self.tables.items():
            store.write(place, content)
        return tuple(missed)


def promotion(
    settings: Settings, region: str, store: Store, *, home_lives: bool = False
) -> Promotion:
    """Return the promotion of the copies in `region`; nothing is written.

    Raises PromotionError if it is not allowed: `region` is not one for copies, home answers,
    another region was promoted, a copy is corrupt, or there is none; TableNotThereError without the
    data. If `home_lives` it must answer instead, no state may be locked, each copy must be up to
    date, and home must be able to leave in one deployment. Raises UnreachableError if the region to
    promote does not answer.
    """
    _refuse_region(settings, region)
    copies = {node.name: copy_location(settings, node, region) for node in copied_stacks(settings)}
    places = [fence_location(copies[next(iter(copies))])]
    places += [replace(places[0], **where) for where in _other_buckets(settings, region)]
    standing = _standing(store, places)
    _refuse_other_owner(settings, region, standing.values())
    originals = dict[str, StateLocation]()
    if home_lives:
        nodes = platform_graph(settings).nodes
        originals = {node.name: state_location(settings, node) for node in nodes}
    else:
        _refuse_live_home(settings, region, store)
    snapshots = {name: Snapshot.of(store.read(place)) for name, place in copies.items()}
    _refuse_bad(snapshots, copies)
    _refuse_behind(store, originals, snapshots)
    if home_lives:
        _refuse_needed_home(settings, store)
    again = next((fence for fence in standing.values() if fence.owner_region == region), None)
    return Promotion(
        region=region,
        copies={name: snapshot for name, snapshot in snapshots.items() if snapshot},
        missing=tuple(name for name, snapshot in snapshots.items() if not snapshot),
        locks=_locks(store, copies.values()),
        fence=again or _fence(settings, region, copies.values()),
        places=tuple(places),
        standing=standing,
        tables=dict(_moved_tables(settings, region, store, copies.values())),
        originals=originals,
    )


def _moved_tables(
    settings: Settings, region: str, store: Store, copies: Iterable[StateLocation]
) -> Iterator[tuple[StateLocation, bytes]]:
    for place in copies:
        if content := _content(store, place):
            moved = with_moved_tables(content, settings.home_region, region)
            if moved != content:
                yield place, moved


def _refuse_region(settings: Settings, region: str) -> None:
    allowed = copy_regions(settings)
    if region not in allowed:
        is_home = " is home, whose states are the owners" if region == settings.home_region else ""
        message = (
            f"--region {region}:{is_home or ' holds no copies'}; {settings.environment} has"
            f" copies in {', '.join(allowed)}"
        )
        raise PromotionError(message)


def _other_buckets(settings: Settings, region: str) -> Iterator[dict[str, str]]:
    for other in copy_regions(settings):
        if other != region:
            yield {"bucket": settings.state_bucket(other), "region": other}


def _standing(store: Store, places: Sequence[StateLocation]) -> dict[StateLocation, Fence]:
    """Return the existing fences by place; only the first region must answer."""
    fences = dict[StateLocation, Fence]()
    for place in places:
        try:
            stored = store.read(place)
        except UnreachableError:
            if place == places[0]:
                raise
            continue
        if stored:
            fences[place] = Fence.read(stored.content, place)
    return fences


def _refuse_other_owner(settings: Settings, region: str, standing: Iterable[Fence]) -> None:
    for fence in standing:
        if fence.owner_region not in {region, settings.home_region}:
            message = (
                f"{settings.environment} was promoted to {fence.owner_region} at {fence.since};"
                f" set home_region: {fence.owner_region} in"
                f" {settings_file(settings.environment)} instead"
            )
            raise PromotionError(message)


def _refuse_live_home(settings: Settings, region: str, store: Store) -> None:
    home = state_location(settings, copied_stacks(settings)[0])
    if _answers(store, home):
        message = (
            f"{home.bucket} ({home.region}) answers: home owns the states, and two owners would"
            f" undo each other's work; plan with HANDOVER_REGION={region} while home is out of"
            " reach, and promote only when its bucket is gone for good, or with --home-lives to let"
            " home leave (docs/runbooks/state.md)"
        )
        raise PromotionError(message)


def _answers(store: Store, home: StateLocation) -> bool:
    try:
        return store.has_bucket(home)
    except UnreachableError:
        return False


def _refuse_bad(
    snapshots: Mapping[str, Snapshot | None], copies: Mapping[str, StateLocation]
) -> None:
    if not any(snapshots.values()):
        place = next(iter(copies.values()))
        message = f"{place.bucket} ({place.region}): holds no copy; promote another region"
        raise PromotionError(message)
    for name, snapshot in snapshots.items():
        if snapshot and snapshot.is_corrupt:
            message = (
                f"{copies[name].url}: is not a Terraform state; restore"
                " an earlier version of the object, or promote another region"
            )
            raise PromotionError(message)


def _refuse_behind(
    store: Store, originals: Mapping[str, StateLocation], copies: Mapping[str, Snapshot | None]
) -> None:
    """Raise PromotionError if a state is locked, or the copy of a living home's is not equal.

    Regional states count too: the deployment that locks one looked for a fence before, and changes
    the entry point later. Raises UnreachableError if a region does not answer.
    """
    for name, place in originals.items():
        if lock := store.read(lock_location(place)):
            holder = holder_in(lock.content) or "unknown owner"
            message = f"{name}: its state is locked by {holder}; wait until no run is active"
            raise PromotionError(message)
        if name not in copies:
            continue
        original, copy = Snapshot.of(store.read(place)), copies[name]
        if original and not (copy and _version(copy) == _version(original)):
            raise PromotionError(f"{name}: {_difference(original, copy)}")


def _difference(original: Snapshot, copy: Snapshot | None) -> str:
    if copy and copy.lineage == original.lineage and (copy.serial or 0) > (original.serial or 0):
        return (
            f"its copy has serial {copy.serial}, and home's state only {original.serial}: the"
            " copies are the owners already; set home_region to their region"
            " (docs/runbooks/state.md)"
        )
    return (
        f"its copy has serial {copy.serial if copy else 'none'}, and the state has"
        f" {original.serial}: S3 has not replicated it yet; run the command again in some minutes,"
        " or write the state again if it has no copy (docs/runbooks/state.md, Monitor)"
    )


def _refuse_needed_home(settings: Settings, store: Store) -> None:
    """Raise PromotionError if home could not leave by one deployment after the promotion.

    Another deployment before it would have home among its regions, without the certificate that it
    serves, and is refused; the fence refuses the former settings.
    """
    home = settings.home_region
    deployed = deployed_regions(settings, partial(_content, store))
    staying = [each for each in settings.regions if each != home and each in deployed.regions]
    if deployed.primary == home:
        problem = "it is the primary; first deploy another primary_region"
    elif len(staying) < FEWEST_REGIONS:
        problem = (
            f"only {', '.join(staying) or 'no region'} would remain of what is deployed, and"
            f" {FEWEST_REGIONS} regions must; first deploy others"
        )
    else:
        return
    raise PromotionError(f"{home} cannot leave yet: {problem}, with home_region as it is")


def _content(store: Store, place: StateLocation) -> bytes | None:
    stored = store.read(place)
    return stored.content if stored else None


def _version(snapshot: Snapshot) -> tuple[str | None, int | None]:
    return snapshot.lineage, snapshot.serial


def _locks(store: Store, copies: Iterable[StateLocation]) -> dict[StateLocation, LockHolder | None]:
    files = {place: store.read(place) for place in map(lock_location, copies)}
    return {place: holder_in(lock.content) for place, lock in files.items() if lock}


def _fence(settings: Settings, region: str, copies: Iterable[StateLocation]) -> Fence:
    return Fence(
        owner_region=region,
        owner_bucket=settings.state_bucket(region),
        former_bucket=settings.state_bucket(settings.home_region),
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        keys=tuple(copy.key for copy in copies),
    )

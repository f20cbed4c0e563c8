"""Leases of regions: one region is changed at a time, and partially applied ones first."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.rollout.region_leases import HeldLease, RegionLeases
from iot_dr.delivery.state.objects import Objects, TaggedObject
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.state_file import StateFile
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from stacks.state_location import StateLocation, handover_location

# The entry point's output that names the region that serves.
_OUTPUT: Final = "primary_region"


class PrimaryChangeNotAloneError(UserError):
    """The settings change which region is primary, together with a region's stacks."""


class LeaseTakenError(UserError):
    """Another region is being changed, or was left partially applied."""


class NothingChangedError(UserError):
    """The change of a stack failed before anything was changed."""


class Leases:
    """The leases of an environment's regions (ADR 0020)."""

    def __init__(
        self, settings: Settings, objects: Objects, region_leases: RegionLeases | None = None
    ) -> None:
        self._settings = settings
        self._objects = objects
        self._region_leases = region_leases or RegionLeases(settings, objects)
        self._rollout = RolloutWaves(platform_graph(settings))

    @contextmanager
    def hold(self, node: StackNode, *, is_changed: bool) -> Generator[None]:
        """Hold a stack's lease for a `with` block, so that no other region is changed during it.

        If the block raises, the lease stays until this stack has been applied, unless the error is
        a NothingChangedError: then an earlier lease is restored. Each stack of a region has its own
        lease: they do not exclude each other, but each excludes every other region. A global stack
        takes no lease. A stack with an empty plan takes none either and does not wait: it is whole
        once that is applied, and a lease that was left is removed. Raises
        PrimaryChangeNotAloneError or LeaseTakenError before anything is changed.
        """
        if not node.is_regional:
            yield
        elif is_changed:
            with self._changed(node):
                yield
        else:
            with self._unchanged(node):
                yield

    def is_partially_applied(self, node: StackNode) -> bool:
        """Whether the last change of a stack ended part-way, and none is running.

        False for a global stack, and if the region does not answer.
        """
        if not node.is_regional:
            return False
        stored = self._region_leases.find(lease_location(self._settings, node))
        return stored is not None and not self._region_leases.judge(node, stored).is_active

    def blocking_stack(self, node: StackNode) -> StackNode | None:
        """Return the partially applied stack that goes first and is in a later wave, or None.

        Until that stack is whole, a rollout skips `node`. None for a global stack, and for one of a
        region that is leaving.
        """
        if not node.is_regional or node.role == "leaving":
            return None
        blocker = self._in_the_way(node, self._region_leases.read_all())
        if blocker is None or blocker.is_active or not self._is_later(blocker.node, node):
            return None
        return blocker.node

    def _is_later(self, node: StackNode, than: StackNode) -> bool:
        return self._rollout.numbers[node.name] > self._rollout.numbers[than.name]

    @contextmanager
    def _unchanged(self, node: StackNode) -> Generator[None]:
        """Remove a lease that was left, once an empty plan has shown that the stack is whole."""
        place = lease_location(self._settings, node)
        stored = self._objects.find(place)
        # Asked before the block, which holds the lock while it applies the empty plan.
        is_left = stored is not None and not self._region_leases.judge(node, stored).is_active
        yield
        if stored and is_left:
            self._put(place, stored.tag, None)

    @contextmanager
    def _changed(self, node: StackNode) -> Generator[None]:
        self._refuse_primary_changes()
        # Also before the own lease is written: waiting for a lost region must not hold a lease.
        self._refuse_other_leases(node)
        place = lease_location(self._settings, node)
        stored = self._objects.find(place)
        before = self._region_leases.judge(node, stored) if stored else None
        own = Lease.now().as_continuation_of(before.lease) if before else Lease.now()
        # Restored if nothing was done.
        former = before.lease.abandoned if before else None
        tag = self._begun(node, stored, before, own)
        try:
            yield
        except BaseException as error:
            self._give_up(
                place, tag, former if isinstance(error, NothingChangedError) else own.abandoned
            )
            raise
        self._put(place, tag, None)

    def _begun(
        self, node: StackNode, stored: TaggedObject | None, before: HeldLease | None, own: Lease
    ) -> str:
        """Write the own lease and return its tag; on an error the former lease is restored.

        Raises LeaseTakenError if another run has a lease that goes first.
        """
        if before and before.is_active:
            raise LeaseTakenError(self._refusal(before))
        place, tag = lease_location(self._settings, node), None
        try:
            tag = self._objects.write_if_unchanged(
                place, stored.tag if stored else None, own.to_json()
            )
            # If the answer to a write was lost, the retry is refused: the lease is there already.
            tag = tag or self._tag_of(place, own)
            if tag is None:
                message = f"nothing is applied: somebody else has just begun to change {node.name}"
                raise LeaseTakenError(f"{message}; wait for its end, then plan again")
            # Again after the write: of two runs that start at once, at most one sees no other.
            self._refuse_other_leases(node)
        except BaseException:
            left = before.lease.abandoned if before else None
            self._give_up(place, tag or self._tag_of(place, own), left)
            raise
        return tag

    def _give_up(self, place: StateLocation, tag: str | None, lease: Lease | None) -> None:
        """Replace or delete the own lease, ignoring errors, since another one is being raised."""
        if tag is not None:
            with suppress(UserError, OSError):
                self._put(place, tag, lease)

    def _tag_of(self, place: StateLocation, own: Lease) -> str | None:
        stored = self._objects.find(place)
        return stored.tag if stored and stored.content == own.to_json() else None

    def _put(self, place: StateLocation, tag: str, lease: Lease | None) -> None:
        """Replace or delete the lease with this tag, if it is still there.

        Nobody takes over the lease of somebody at work, so that nothing changes between the two
        calls of a deletion.
        """
        if lease is not None:
            self._objects.write_if_unchanged(place, tag, lease.to_json())
        elif (stored := self._objects.find(place)) and stored.tag == tag:
            self._objects.delete(place)

    def _refuse_other_leases(self, node: StackNode) -> None:
        if blocker := self._in_the_way(node, self._region_leases.read_all()):
            raise LeaseTakenError(self._refusal(blocker))

    def _in_the_way(self, node: StackNode, leases: tuple[HeldLease, ...]) -> HeldLease | None:
        """Return what another region has to finish first: a current change, or an older lease.

        None if no region is ahead.
        """
        # A change in progress goes first, then partially applied regions by age. Ranks are a total
        # order that all regions compute alike, so that two of them never wait for each other.
        own = [
            lease.apply_order
            for lease in leases
            if lease.node.region == node.region
            and (lease.lease.is_partially_applied or not lease.is_active)
        ]
        others = [lease for lease in leases if lease.node.region != node.region]
        for blocker in sorted(others, key=lambda lease: (not lease.is_active, lease.apply_order)):
            if blocker.is_active or not own or blocker.apply_order < min(own):
                return blocker
        return None

    def _refusal(self, blocker: HeldLease) -> str:
        name, wave = blocker.node.name, self._rollout.numbers[blocker.node.name]
        env = f"--env {self._settings.environment}"
        holder = f"since {blocker.lease.since} by {blocker.lease.by}"
        if blocker.is_active:
            return (
                f"nothing is applied: {name} is being changed {holder}: wait for its end. If that"
                " was killed, release its lock (docs/runbooks/state.md); ten minutes after its"
                " begin it counts as left partially applied"
            )
        leaving = (
            " If it is leaving, take that back first." if blocker.node.role == "leaving" else ""
        )
        return (
            f"nothing is applied: {name} was left partially applied {holder}, and goes first:"
            f" `iot-dr plan {env} --wave {wave} --out plans`, `iot-dr review {env} --plans plans`,"
            f" then `iot-dr apply {env} --wave {wave} --plans plans`.{leaving}"
        )

    def _refuse_primary_changes(self) -> None:
        refuse_primary_changes(self._settings, self._region_leases)


def refuse_primary_changes(settings: Settings, region_leases: RegionLeases) -> None:
    """Raise PrimaryChangeNotAloneError unless the settings' primary is the region that serves.

    Nothing is refused if it is unknown who serves, or home does not answer.
    """
    served_by = _served_by(settings, region_leases)
    if served_by in {None, settings.primary_region}:
        return
    message = (
        f"nothing is applied: primary_region: {settings.primary_region}: devices are served by"
        f" {plain(str(served_by))}, and this changes a region too. A change of primary goes alone:"
        " take it back, roll the regions out, then change the primary (docs/runbooks/primary.md)"
    )
    raise PrimaryChangeNotAloneError(message)


def _served_by(settings: Settings, region_leases: RegionLeases) -> str | None:
    entry_point = platform_graph(settings).only("entry-point")
    stored = region_leases.find(handover_location(settings, entry_point))
    state = StateFile.or_empty(stored.content if stored else None)
    return text(state.output(_OUTPUT)) or None

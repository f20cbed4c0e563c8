"""Reads the leases of all regions; a region counts as lost only after a while."""

from dataclasses import dataclass, field
from typing import Final

from environments.settings import Settings
from iot_dr.common.waiting import PollLimits
from iot_dr.delivery.rollout.lease import Lease, lease_location
from iot_dr.delivery.state.objects import Objects, RegionNotAnsweringError, TaggedObject
from iot_dr.terraform.lock_holder import lock_location
from iot_dr.terraform.terraform import LOCK_WAIT
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location

# Seconds after which a region that does not answer counts as lost; one failure is not enough.
_PATIENCE: Final = PollLimits(limit=120, interval=5)
_UNTIL_LOCKED: Final = 2 * LOCK_WAIT


@dataclass(frozen=True, kw_only=True)
class HeldLease:
    """A stack that is not whole: it is being changed, or was left partially applied."""

    node: StackNode
    lease: Lease
    is_active: bool

    @property
    def apply_order(self) -> tuple[str, str]:
        """The sort key that decides which partially applied region goes first: the oldest."""
        return (self.lease.since, self.node.region)


@dataclass(frozen=True)
class RegionLeases:
    """The stacks of all regions of an environment, including those that are leaving.

    A region that was found lost is queried once per call, and not waited for again.
    """

    settings: Settings
    objects: Objects
    patience: PollLimits = _PATIENCE
    _lost: set[str] = field(default_factory=set[str])

    def read_all(self) -> tuple[HeldLease, ...]:
        """Return every stack that has a lease; a region that does not answer has none."""
        return tuple(
            self.judge(node, stored)
            for node in platform_graph(self.settings).nodes
            if node.is_regional
            and (stored := self.find(lease_location(self.settings, node))) is not None
        )

    def judge(self, node: StackNode, stored: TaggedObject) -> HeldLease:
        """Return a stack's lease, with the judgement whether its holder may still be at work.

        The holder waits for the lock of the state for at most LOCK_WAIT, and holds it while
        working: a lease older than twice that, without a lock, was left by a dead run.
        """
        lease = Lease.read(stored.content)
        is_at_work = not lease.is_left and (stored.age < _UNTIL_LOCKED or self._is_locked(node))
        return HeldLease(node=node, lease=lease, is_active=is_at_work)

    def find(self, location: StateLocation) -> TaggedObject | None:
        """Return an object; None if it is missing, or its region silent for `patience.limit`."""
        patience = self.patience
        until = patience.clock() + (0 if location.region in self._lost else patience.limit)
        while True:
            try:
                stored = self.objects.find(location)
            except RegionNotAnsweringError:
                if patience.clock() >= until:
                    self._lost.add(location.region)
                    return None
                patience.pause(patience.interval)
            else:
                self._lost.discard(location.region)
                return stored

    def _is_locked(self, node: StackNode) -> bool:
        return self.find(lock_location(state_location(self.settings, node))) is not None

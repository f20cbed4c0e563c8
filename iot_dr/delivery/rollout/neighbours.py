"""Asks every region for the turns of its stacks, and takes one for lost only after a while."""

from dataclasses import dataclass, field
from typing import Final

from environments.settings import Settings
from iot_dr.common.waiting import Patience
from iot_dr.delivery.rollout.turn import Turn, turn_location
from iot_dr.delivery.state.objects import Found, Objects, SilentRegionError
from iot_dr.terraform.lock_holder import lock_location
from iot_dr.terraform.terraform import LOCK_WAIT
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location

# Seconds after which a region that does not answer is lost: one bad answer tells nothing.
_PATIENCE: Final = Patience(limit=120, interval=5)
_UNTIL_LOCKED: Final = 2 * LOCK_WAIT


@dataclass(frozen=True, kw_only=True)
class Held:
    """A stack whose region is not whole: somebody is at work, or has left it half-changed."""

    node: StackNode
    turn: Turn
    is_at_work: bool

    @property
    def rank(self) -> tuple[str, str]:
        """What decides which of several half-changed regions goes first: the oldest."""
        return (self.turn.since, self.node.region)


@dataclass(frozen=True)
class Neighbours:
    """The stacks of all regions of an environment, those that are leaving included.

    A region that was found lost is asked once each time, and not waited for again.
    """

    settings: Settings
    objects: Objects
    patience: Patience = _PATIENCE
    _lost: set[str] = field(default_factory=set[str])

    def held(self) -> tuple[Held, ...]:
        """Give every stack that has a turn; a region that does not answer has none."""
        return tuple(
            self.judged(node, found)
            for node in platform_graph(self.settings).nodes
            if node.is_regional
            and (found := self.asked(turn_location(self.settings, node))) is not None
        )

    def judged(self, node: StackNode, found: Found) -> Held:
        """Tell whether whoever wrote a turn may still be at work.

        He waits for the lock of the state at the most for LOCK_WAIT, and holds it while he works:
        a turn that is older, without a lock, is that of one who died.
        """
        turn = Turn.read(found.content)
        is_at_work = not turn.is_left and (found.age < _UNTIL_LOCKED or self._is_locked(node))
        return Held(node=node, turn=turn, is_at_work=is_at_work)

    def asked(self, location: StateLocation) -> Found | None:
        """Give an object; None too where its region has been silent for two minutes."""
        patience = self.patience
        until = patience.clock() + (0 if location.region in self._lost else patience.limit)
        while True:
            try:
                found = self.objects.find(location)
            except SilentRegionError:
                if patience.clock() >= until:
                    self._lost.add(location.region)
                    return None
                patience.pause(patience.interval)
            else:
                self._lost.discard(location.region)
                return found

    def _is_locked(self, node: StackNode) -> bool:
        return self.asked(lock_location(state_location(self.settings, node))) is not None

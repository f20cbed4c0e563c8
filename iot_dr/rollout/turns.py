"""Who may change a region now: one at a time, and not the one that serves before the others."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from environments.settings import Settings
from iot_dr.plain_text import plain
from iot_dr.rollout.turn import Turn, turn_location
from iot_dr.state.objects import Objects
from iot_dr.terraform.terraform import LOCK_WAIT
from iot_dr.user_error import UserError
from stacks.graph import StackNode, What
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.state_copy import handover_location
from stacks.state_location import StateLocation

_REGIONAL: Final[What] = "iot"
_UNTIL_LOCKED: Final = 2 * LOCK_WAIT
OUTPUT: Final = "primary_region"
"""The entry point's output that names the region that serves."""


class OtherRegionsTurnError(UserError):
    """Another region is being changed, or was left half-changed."""


class NothingDoneError(UserError):
    """The change of a region failed before anything of it was done."""


class PrimaryChangesTooError(UserError):
    """The settings change which region is primary, and a region with it."""


class Turns:
    """The turns of an environment's regions, as ADR 0020 has them."""

    def __init__(self, settings: Settings, objects: Objects) -> None:
        self._settings = settings
        self._objects = objects
        self._rollout = Rollout(platform_graph(settings))

    @contextmanager
    def taken(self, node: StackNode, *, is_changed: bool) -> Generator[None]:
        """Keep the other regions from being changed for a `with` block.

        When the block raises, they are kept until this stack has gone through, unless it raises
        NothingDoneError. A global stack takes no turn. One whose plan is empty waits for no other
        region: it is whole once that is applied.

        Raises PrimaryChangesTooError, OtherRegionsTurnError before anything is changed.
        """
        if node.what != _REGIONAL:
            yield
            return
        place = turn_location(self._settings, node)
        before = self._objects.read(place)
        if not is_changed:
            is_left = before is not None and not _may_be_waiting(before)
            yield
            if is_left:
                self._replace(place, before, None)
            return
        self._refuse_primary_changes()
        own = Turn.now().content()
        self._objects.write(place, own)
        is_begun = False
        try:
            # After the writing: of two that begin at once, at most one sees no other.
            self._refuse_other_turns(node)
            is_begun = True
            yield
        except BaseException as error:
            if not is_begun or isinstance(error, NothingDoneError):
                self._replace(place, own, before)
            raise
        self._replace(place, own, None)

    def _replace(self, place: StateLocation, own: bytes | None, other: bytes | None) -> None:
        """Put another turn, or none, in the place of one's own, if that is still there."""
        if self._objects.read(place) != own:
            return
        if other is None:
            self._objects.delete(place)
        else:
            self._objects.write(place, other)

    def _refuse_other_turns(self, node: StackNode) -> None:
        for other in self._rollout.graph.nodes:
            if other.region == node.region or other.what != _REGIONAL:
                continue
            content = self._objects.read(turn_location(self._settings, other))
            if content is None:
                continue
            turn, wave = Turn.read(content), self._rollout.numbers[other.name]
            leaving = " If it is leaving, take that back first." if other.role == "leaving" else ""
            message = (
                f"nothing is applied: {other.name} is being changed since {turn.since} by"
                f" {turn.by}, or was left half-changed. Wait for its end; if that failed, mend and"
                f" apply that one first: `iot-dr plan --wave {wave} --out plans`, then `iot-dr"
                f" apply --wave {wave} --plans plans`.{leaving}"
            )
            raise OtherRegionsTurnError(message)

    def _refuse_primary_changes(self) -> None:
        served_by = self._served_by()
        if served_by in {None, self._settings.primary_region}:
            return
        message = (
            f"nothing is applied: primary_region: {self._settings.primary_region}: devices are"
            f" served by {plain(str(served_by))}, and this changes a region too. A change of"
            " primary goes alone: take it back, roll the regions out, then change the primary"
            " (docs/runbooks/primary.md)"
        )
        raise PrimaryChangesTooError(message)

    def _served_by(self) -> str | None:
        """Name the primary by the entry point's state; None where that cannot be known."""
        entry_point = next(node for node in self._rollout.graph.nodes if node.what == "entry-point")
        content = self._objects.read(handover_location(self._settings, entry_point))
        try:
            state: Any = json.loads(content or b"{}")
            found = state["outputs"][OUTPUT]["value"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return found if isinstance(found, str) else None


def _may_be_waiting(turn: bytes) -> bool:
    """Tell whether whoever wrote a turn may not have the lock of the state yet.

    An empty plan that is applied meanwhile shows nothing of what he is about to do.
    """
    age = Turn.read(turn).age
    return age is not None and age < _UNTIL_LOCKED

"""Who may change a region now: one at a time, and not the one that serves before the others."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final

from environments.settings import Settings
from iot_dr.plain_text import plain
from iot_dr.rollout.neighbours import Held, Neighbours
from iot_dr.rollout.turn import Turn, turn_location
from iot_dr.state.objects import Found, Objects
from iot_dr.user_error import UserError
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.state_copy import handover_location
from stacks.state_location import StateLocation

OUTPUT: Final = "primary_region"
"""The entry point's output that names the region that serves."""


class TurnTakenError(UserError):
    """A region is being changed by another, or another region was left half-changed."""


class NothingDoneError(UserError):
    """The change of a region failed before anything of it was done."""


class PrimaryChangesTooError(UserError):
    """The settings change which region is primary, and a region with it."""


class Turns:
    """The turns of an environment's regions, as ADR 0020 has them."""

    def __init__(
        self, settings: Settings, objects: Objects, neighbours: Neighbours | None = None
    ) -> None:
        self._settings = settings
        self._objects = objects
        self._neighbours = neighbours or Neighbours(settings, objects)
        self._rollout = Rollout(platform_graph(settings))

    @contextmanager
    def taken(self, node: StackNode, *, is_changed: bool) -> Generator[None]:
        """Keep the other regions from being changed for a `with` block.

        When the block raises, they are kept until this stack has gone through, unless it raises
        NothingDoneError. A region has several stacks, of which each has its turn: they do not keep
        each other, and any one of them keeps every other region. A global stack takes no turn. One
        whose plan is empty waits for no other region: it is whole once that is applied.

        Raises PrimaryChangesTooError, TurnTakenError before anything is changed.
        """
        if not node.is_regional:
            yield
            return
        if is_changed:
            self._refuse_primary_changes()
        place = turn_location(self._settings, node)
        found = self._objects.find(place)
        before = self._neighbours.judged(node, found) if found else None
        if not is_changed:
            yield
            if found and before and not before.is_at_work:
                self._put(place, found.tag, None)
            return
        # Also before the writing: a region that is lost is waited for once, and without a turn.
        self._refuse_other_turns(node)
        own = Turn.now().after(before.turn) if before else Turn.now()
        tag = self._begun(node, found, before, own)
        is_begun = False
        try:
            self._refuse_other_turns(node)
            is_begun = True
            yield
        except BaseException as error:
            # What it was before, or left half-changed by now.
            is_whole = not is_begun or isinstance(error, NothingDoneError)
            left = (before and before.turn.left) if is_whole else own.left
            with suppress(UserError, OSError):
                self._put(place, tag, left)
            raise
        self._put(place, tag, None)

    def left(self, node: StackNode) -> bool:
        """Tell whether a stack was left half-changed, and nobody is at work on it."""
        found = node.is_regional and self._neighbours.asked(turn_location(self._settings, node))
        return bool(found) and not self._neighbours.judged(node, found).is_at_work

    def ahead(self, node: StackNode) -> StackNode | None:
        """Name what was left half-changed, goes first, and comes in a later wave; None if nothing.

        Until that is whole, a rollout passes this stack by.
        """
        if not node.is_regional or node.role == "leaving":
            return None
        held = self._in_the_way(node, self._neighbours.held())
        if held is None or held.is_at_work or not self._is_later(held.node, node):
            return None
        return held.node

    def _is_later(self, one: StackNode, other: StackNode) -> bool:
        return self._rollout.numbers[one.name] > self._rollout.numbers[other.name]

    def _begun(self, node: StackNode, found: Found | None, before: Held | None, own: Turn) -> str:
        """Write one's own turn, and give its tag; raises TurnTakenError when another was faster."""
        if before and before.is_at_work:
            raise TurnTakenError(self._told(before))
        place = turn_location(self._settings, node)
        try:
            tag = self._objects.swap(place, found.tag if found else None, own.content())
            # Of a write whose answer was lost, the second try finds one's own turn.
            tag = tag or self._tag_of(place, own)
        except (UserError, OSError):
            with suppress(UserError, OSError):
                if written := self._tag_of(place, own):
                    self._put(place, written, before and before.turn.left)
            raise
        if tag is None:
            message = f"nothing is applied: somebody else has just begun to change {node.name}"
            raise TurnTakenError(f"{message}; wait for its end, then plan again")
        return tag

    def _tag_of(self, place: StateLocation, own: Turn) -> str | None:
        found = self._objects.find(place)
        return found.tag if found and found.content == own.content() else None

    def _put(self, place: StateLocation, tag: str, turn: Turn | None) -> None:
        """Put another turn, or none, in the place of the one with this tag, if it still is there.

        Nobody takes over a turn of one who is at work; between the two calls of a deletion nothing
        changes it.
        """
        if turn is not None:
            self._objects.swap(place, tag, turn.content())
        elif (found := self._objects.find(place)) and found.tag == tag:
            self._objects.delete(place)

    def _refuse_other_turns(self, node: StackNode) -> None:
        # Again after the writing of one's own: of two that begin at once at most one sees none.
        if held := self._in_the_way(node, self._neighbours.held()):
            raise TurnTakenError(self._told(held))

    def _in_the_way(self, node: StackNode, held: tuple[Held, ...]) -> Held | None:
        """Give what another region has to end first: who is at work there, or its older turn."""
        own = [
            each.rank
            for each in held
            if each.node.region == node.region and (each.turn.is_old or not each.is_at_work)
        ]
        others = [each for each in held if each.node.region != node.region]
        for other in sorted(others, key=lambda each: (not each.is_at_work, each.rank)):
            if other.is_at_work or not own or other.rank < min(own):
                return other
        return None

    def _told(self, held: Held) -> str:
        name, wave = held.node.name, self._rollout.numbers[held.node.name]
        env = f"--env {self._settings.environment}"
        told = f"since {held.turn.since} by {held.turn.by}"
        if held.is_at_work:
            return (
                f"nothing is applied: {name} is being changed {told}: wait for its end. If that was"
                " killed, take back its lock (docs/runbooks/state.md); ten minutes after its begin"
                " it counts as left half-changed"
            )
        leaving = " If it is leaving, take that back first." if held.node.role == "leaving" else ""
        return (
            f"nothing is applied: {name} was left half-changed {told}, and goes first: `iot-dr plan"
            f" {env} --wave {wave} --out plans`, `iot-dr review {env} --plans plans`, then `iot-dr"
            f" apply {env} --wave {wave} --plans plans`.{leaving}"
        )

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
        found = self._neighbours.asked(handover_location(self._settings, entry_point))
        try:
            state: Any = json.loads(found.content if found else b"{}")
            primary = state["outputs"][OUTPUT]["value"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return primary if isinstance(primary, str) else None

"""Who may change a region now: one at a time, and not the one that serves before the others."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.delivery.rollout.neighbours import Held, Neighbours
from iot_dr.delivery.rollout.turn import Turn, turn_location
from iot_dr.delivery.state.objects import Found, Objects
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout
from stacks.state_copy import handover_location
from stacks.state_location import StateLocation

# The entry point's output that names the region that serves.
_OUTPUT: Final = "primary_region"


class PrimaryChangesTooError(UserError):
    """The settings change which region is primary, and a region with it."""


class TurnTakenError(UserError):
    """A region is being changed by another, or another region was left half-changed."""


class NothingDoneError(UserError):
    """The change of a region failed before anything of it was done."""


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
        elif is_changed:
            with self._changed(node):
                yield
        else:
            with self._unchanged(node):
                yield

    def left(self, node: StackNode) -> bool:
        """Tell whether a stack was left half-changed, and nobody is at work on it."""
        if not node.is_regional:
            return False
        found = self._neighbours.asked(turn_location(self._settings, node))
        return found is not None and not self._neighbours.judged(node, found).is_at_work

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

    @contextmanager
    def _unchanged(self, node: StackNode) -> Generator[None]:
        """Take a turn that was left away, once an empty plan has shown that the stack is whole."""
        place = turn_location(self._settings, node)
        found = self._objects.find(place)
        # Whoever applies the empty plan holds the lock meanwhile, so this is asked before.
        is_left = found is not None and not self._neighbours.judged(node, found).is_at_work
        yield
        if found and is_left:
            self._put(place, found.tag, None)

    @contextmanager
    def _changed(self, node: StackNode) -> Generator[None]:
        self._refuse_primary_changes()
        # Also before the writing: a region that is lost is waited for once, and without a turn.
        self._refuse_other_turns(node)
        place = turn_location(self._settings, node)
        found = self._objects.find(place)
        before = self._neighbours.judged(node, found) if found else None
        own = Turn.now().after(before.turn) if before else Turn.now()
        # What it goes back to where nothing was done.
        former = before.turn.left if before else None
        tag = self._begun(node, found, before, own)
        try:
            yield
        except BaseException as error:
            self._give_up(place, tag, former if isinstance(error, NothingDoneError) else own.left)
            raise
        self._put(place, tag, None)

    def _begun(self, node: StackNode, found: Found | None, before: Held | None, own: Turn) -> str:
        """Write one's own turn, and give its tag; raises TurnTakenError, with nothing written."""
        if before and before.is_at_work:
            raise TurnTakenError(self._told(before))
        place, tag = turn_location(self._settings, node), None
        try:
            tag = self._objects.swap(place, found.tag if found else None, own.content())
            # Of a write whose answer was lost, the second try finds one's own turn.
            tag = tag or self._tag_of(place, own)
            if tag is None:
                message = f"nothing is applied: somebody else has just begun to change {node.name}"
                raise TurnTakenError(f"{message}; wait for its end, then plan again")
            # Once more: of two that begin at once, at most one sees no other.
            self._refuse_other_turns(node)
        except BaseException:
            left = before.turn.left if before else None
            self._give_up(place, tag or self._tag_of(place, own), left)
            raise
        return tag

    def _give_up(self, place: StateLocation, tag: str | None, turn: Turn | None) -> None:
        """Put another turn in the place of one's own, if that can be done: the error goes on."""
        if tag is not None:
            with suppress(UserError, OSError):
                self._put(place, tag, turn)

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
        refuse_primary_changes(self._settings, self._neighbours)


def refuse_primary_changes(settings: Settings, neighbours: Neighbours) -> None:
    """Raise PrimaryChangesTooError unless devices are served by the primary of the settings.

    Where nobody is known to serve, or home does not tell, nothing is refused.
    """
    served_by = _served_by(settings, neighbours)
    if served_by in {None, settings.primary_region}:
        return
    message = (
        f"nothing is applied: primary_region: {settings.primary_region}: devices are served by"
        f" {plain(str(served_by))}, and this changes a region too. A change of primary goes alone:"
        " take it back, roll the regions out, then change the primary (docs/runbooks/primary.md)"
    )
    raise PrimaryChangesTooError(message)


def _served_by(settings: Settings, neighbours: Neighbours) -> str | None:
    nodes = platform_graph(settings).nodes
    entry_point = next(node for node in nodes if node.what == "entry-point")
    found = neighbours.asked(handover_location(settings, entry_point))
    try:
        state: Any = json.loads(found.content if found else b"{}")
        primary = state["outputs"][_OUTPUT]["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return primary if isinstance(primary, str) else None

"""Turns (leases) of regions: one region is changed at a time, and half-changed ones first."""

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
from stacks.state_location import StateLocation, handover_location

# The entry point's output that names the region that serves.
_OUTPUT: Final = "primary_region"


class PrimaryChangesTooError(UserError):
    """The settings change which region is primary, together with a region's stacks."""


class TurnTakenError(UserError):
    """Another region is being changed, or was left half-changed."""


class NothingDoneError(UserError):
    """The change of a stack failed before anything was changed."""


class Turns:
    """The turns of an environment's regions (ADR 0020)."""

    def __init__(
        self, settings: Settings, objects: Objects, neighbours: Neighbours | None = None
    ) -> None:
        self._settings = settings
        self._objects = objects
        self._neighbours = neighbours or Neighbours(settings, objects)
        self._rollout = Rollout(platform_graph(settings))

    @contextmanager
    def taken(self, node: StackNode, *, is_changed: bool) -> Generator[None]:
        """Hold a stack's turn for a `with` block, so that no other region is changed meanwhile.

        If the block raises, the turn stays until this stack has been applied, unless the error is a
        NothingDoneError. Each stack of a region has its own turn: they do not exclude each other,
        but each excludes every other region. A global stack takes no turn. A stack with an empty
        plan does not wait for other regions: it is whole once that is applied. Raises
        PrimaryChangesTooError or TurnTakenError before anything is changed.
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
        """Whether a stack was left half-changed, with nobody at work on it."""
        if not node.is_regional:
            return False
        stored = self._neighbours.asked(turn_location(self._settings, node))
        return stored is not None and not self._neighbours.judged(node, stored).is_at_work

    def ahead(self, node: StackNode) -> StackNode | None:
        """Return the half-changed stack that goes first and is in a later wave, or None.

        Until that stack is whole, a rollout skips `node`.
        """
        if not node.is_regional or node.role == "leaving":
            return None
        blocker = self._in_the_way(node, self._neighbours.held())
        if blocker is None or blocker.is_at_work or not self._is_later(blocker.node, node):
            return None
        return blocker.node

    def _is_later(self, node: StackNode, than: StackNode) -> bool:
        return self._rollout.numbers[node.name] > self._rollout.numbers[than.name]

    @contextmanager
    def _unchanged(self, node: StackNode) -> Generator[None]:
        """Remove a turn that was left, once an empty plan has shown that the stack is whole."""
        place = turn_location(self._settings, node)
        stored = self._objects.find(place)
        # Asked before the block, which holds the lock while it applies the empty plan.
        is_left = stored is not None and not self._neighbours.judged(node, stored).is_at_work
        yield
        if stored and is_left:
            self._put(place, stored.tag, None)

    @contextmanager
    def _changed(self, node: StackNode) -> Generator[None]:
        self._refuse_primary_changes()
        # Also before the own turn is written: waiting for a lost region must not hold a turn.
        self._refuse_other_turns(node)
        place = turn_location(self._settings, node)
        stored = self._objects.find(place)
        before = self._neighbours.judged(node, stored) if stored else None
        own = Turn.now().after(before.turn) if before else Turn.now()
        # Restored if nothing was done.
        former = before.turn.left if before else None
        tag = self._begun(node, stored, before, own)
        try:
            yield
        except BaseException as error:
            self._give_up(place, tag, former if isinstance(error, NothingDoneError) else own.left)
            raise
        self._put(place, tag, None)

    def _begun(self, node: StackNode, stored: Found | None, before: Held | None, own: Turn) -> str:
        """Write the own turn and return its tag; on an error the former turn is restored.

        Raises TurnTakenError if another run has a turn that goes first.
        """
        if before and before.is_at_work:
            raise TurnTakenError(self._refusal(before))
        place, tag = turn_location(self._settings, node), None
        try:
            tag = self._objects.swap(place, stored.tag if stored else None, own.content())
            # If the answer to a write was lost, the retry is refused: the turn is there already.
            tag = tag or self._tag_of(place, own)
            if tag is None:
                message = f"nothing is applied: somebody else has just begun to change {node.name}"
                raise TurnTakenError(f"{message}; wait for its end, then plan again")
            # Again after the write: of two runs that start at once, at most one sees no other turn.
            self._refuse_other_turns(node)
        except BaseException:
            left = before.turn.left if before else None
            self._give_up(place, tag or self._tag_of(place, own), left)
            raise
        return tag

    def _give_up(self, place: StateLocation, tag: str | None, turn: Turn | None) -> None:
        """Replace the own turn, if possible; errors are ignored, as another one is being raised."""
        if tag is not None:
            with suppress(UserError, OSError):
                self._put(place, tag, turn)

    def _tag_of(self, place: StateLocation, own: Turn) -> str | None:
        stored = self._objects.find(place)
        return stored.tag if stored and stored.content == own.content() else None

    def _put(self, place: StateLocation, tag: str, turn: Turn | None) -> None:
        """Replace or delete the turn with this tag, if it is still there.

        Nobody takes over the turn of somebody at work, so that nothing changes between the two
        calls of a deletion.
        """
        if turn is not None:
            self._objects.swap(place, tag, turn.content())
        elif (stored := self._objects.find(place)) and stored.tag == tag:
            self._objects.delete(place)

    def _refuse_other_turns(self, node: StackNode) -> None:
        if blocker := self._in_the_way(node, self._neighbours.held()):
            raise TurnTakenError(self._refusal(blocker))

    def _in_the_way(self, node: StackNode, turns: tuple[Held, ...]) -> Held | None:
        """Return what another region has to finish first: a current change, or an older turn."""
        # A change in progress goes first, then half-changed regions by age. Ranks are a total order
        # that all regions compute alike, so that two of them never wait for each other.
        own = [
            turn.rank
            for turn in turns
            if turn.node.region == node.region and (turn.turn.is_old or not turn.is_at_work)
        ]
        others = [turn for turn in turns if turn.node.region != node.region]
        for other in sorted(others, key=lambda turn: (not turn.is_at_work, turn.rank)):
            if other.is_at_work or not own or other.rank < min(own):
                return other
        return None

    def _refusal(self, blocker: Held) -> str:
        name, wave = blocker.node.name, self._rollout.numbers[blocker.node.name]
        env = f"--env {self._settings.environment}"
        holder = f"since {blocker.turn.since} by {blocker.turn.by}"
        if blocker.is_at_work:
            return (
                f"nothing is applied: {name} is being changed {holder}: wait for its end. If that"
                " was killed, take back its lock (docs/runbooks/state.md); ten minutes after its"
                " begin it counts as left half-changed"
            )
        leaving = (
            " If it is leaving, take that back first." if blocker.node.role == "leaving" else ""
        )
        return (
            f"nothing is applied: {name} was left half-changed {holder}, and goes first: `iot-dr"
            f" plan {env} --wave {wave} --out plans`, `iot-dr review {env} --plans plans`, then"
            f" `iot-dr apply {env} --wave {wave} --plans plans`.{leaving}"
        )

    def _refuse_primary_changes(self) -> None:
        refuse_primary_changes(self._settings, self._neighbours)


def refuse_primary_changes(settings: Settings, neighbours: Neighbours) -> None:
    """Raise PrimaryChangesTooError unless the settings' primary is the region that serves.

    Nothing is refused if it is unknown who serves, or home does not answer.
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
    stored = neighbours.asked(handover_location(settings, entry_point))
    try:
        state: Any = json.loads(stored.content if stored else b"{}")
        primary = state["outputs"][_OUTPUT]["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return primary if isinstance(primary, str) else None

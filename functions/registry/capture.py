"""Writes down what has changed in a region's IoT Core."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from functions.registry.entity import Entity
from functions.registry.found import Found
from functions.registry.log import Overtaken
from functions.registry.pending import refuse_pending
from functions.registry.row import Row
from functions.registry.settled import changed_here, nobody_holds, own_row
from functions.registry.stamp import Clock, Stamp
from functions.registry.state import State, hash_of

ATTEMPTS = 5
"""How often a run reads again after another one was faster."""


class Reads(Protocol):
    """A region's IoT Core, as far as capture needs it."""

    def look(self, *entities: Entity) -> list[Found]:
        """Give the state of an entity as it is now, and what is told of when that was made.

        The halves of a shadow may be given together, and cost one call then.
        """
        ...


class Rows(Protocol):
    """The table of what the regions hold."""

    def rows(self, entity: Entity) -> list[Row]:
        """Give every region's row of an entity."""
        ...

    def put(self, row: Row, expected: int) -> Row:
        """Write a row over a revision of it; raises Overtaken when another one is there."""
        ...


def _nothing(_entity: Entity, _state: State | None) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Compares an entity with its row, and stamps what somebody has changed.

    The row is read before the entity: a change that is applied in between makes the put fail.
    `first` is called with what is about to be written; where it raises, nothing is written.
    """

    access: Reads
    log: Rows
    clock: Clock
    first: Callable[[Entity, State | None], None] = _nothing

    def __call__(self, entity: Entity, event: int | None = None) -> Row | None:
        """Give the row when it was written anew, for a change at the event's milliseconds.

        Raises Busy or Abandoned while a change is half done here, Overtaken when other runs are
        faster each time, StateError for a state that no row can hold, and what the access and the
        log raise.
        """
        for _ in range(ATTEMPTS):
            with suppress(Overtaken):
                rows = self.log.rows(entity)
                own = own_row(rows, entity, self.clock.region)
                refuse_pending(own, self.clock.now())
                return self.note(own, rows, event)
        raise Overtaken(f"the row of {entity.key} is written too often")

    def note(self, own: Row, rows: Sequence[Row], event: int | None = None) -> Row | None:
        """Do the same for rows that are at hand; raises Overtaken when they are out of date."""
        (found,) = self.access.look(own.entity)
        return self.write_down(found, own, rows, event)

    def write_down(
        self, found: Found, own: Row, rows: Sequence[Row], event: int | None
    ) -> Row | None:
        """Do the same for what was found after the rows had been read."""
        state = found.state
        if not changed_here(own, rows, state):
            return None
        self.first(own.entity, state)
        stamp = self._stamp(found, own, event)
        row = replace(
            own,
            state=state,
            hash=hash_of(state),
            stamp=stamp,
            seen={**own.seen, stamp.region: stamp},
            basis=own.seen,
            held_at=self.clock.now(),
            pending=None,
            left=None,
            expires=nobody_holds(state, own, rows),
        )
        return self.log.put(row, own.revision)

    def _stamp(self, found: Found, own: Row, event: int | None) -> Stamp:
        """Stamp a change at the time that IoT Core tells; where it tells none, as Clock.next does.

        A date from before the region came to hold what was changed is not that of the change. The
        event may be older, when what was changed after it was found with it; or later, when it is
        another change's. Within the milliseconds that are told it is the more exact.
        """
        after = [own.stamp, *own.seen.values()]
        told = found.changed(own.state)
        if told is None or told.last <= own.held_at:
            return self.clock.next(event, after)
        if event is not None and told.first <= event <= told.last:
            return self.clock.at(event, after)
        return self.clock.at(told.first, after)

"""Writes down what has changed in a region's IoT Core."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from functions.registry.entity import Entity
from functions.registry.log import Overtaken
from functions.registry.pending import refuse_pending
from functions.registry.row import Row
from functions.registry.settled import changed_here, nobody_holds, own_row
from functions.registry.stamp import Clock
from functions.registry.state import State, hash_of

ATTEMPTS = 5
"""How often a run reads again after another one was faster."""


class Reads(Protocol):
    """A region's IoT Core, as far as capture needs it."""

    def read(self, entity: Entity) -> State | None:
        """Give the state of an entity as it is now."""
        ...


class Rows(Protocol):
    """The table of what the regions hold."""

    def rows(self, entity: Entity) -> list[Row]:
        """Give every region's row of an entity."""
        ...

    def put(self, row: Row, expected: int) -> Row:
        """Write a row over a revision of it; raises Overtaken when another one is there."""
        ...


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Compares an entity with its row, and stamps what somebody has changed.

    The row is read before the entity: a change that is applied in between makes the put fail.
    """

    access: Reads
    log: Rows
    clock: Clock

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
        state = self.access.read(own.entity)
        if not changed_here(own, rows, state):
            return None
        stamp = self.clock.next(event, [own.stamp, *own.seen.values()])
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

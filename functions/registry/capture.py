"""Records local changes of a region's IoT Core in the registry table."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from functions.registry.entity import Entity
from functions.registry.observation import Observation
from functions.registry.pending import refuse_pending
from functions.registry.resolution import is_changed_locally, is_deleted_everywhere, own_row
from functions.registry.row import Row
from functions.registry.stamp import HybridClock, HybridStamp
from functions.registry.state import State, hash_of
from functions.registry.table import RevisionConflictError

ATTEMPTS = 5
"""How often a run starts, as long as other runs write the row first."""


class Reader(Protocol):
    """A region's IoT Core, as far as Capture needs it."""

    def observe(self, *entities: Entity) -> list[Observation]:
        """Return the current state of each entity and, if IoT Core dates it, when it last changed.

        Several entities must be the two halves of one shadow: they cost one GetThingShadow.
        """
        ...


class RowStore(Protocol):
    """The registry table, as far as single entities are concerned."""

    def rows(self, entity: Entity) -> list[Row]:
        """Return the rows of all regions for an entity."""
        ...

    def put(self, row: Row, expected: int) -> Row:
        """Write a row over revision `expected`, and return it with its new revision.

        Raises RevisionConflictError if the stored row has another revision.
        """
        ...


def _no_request(_entity: Entity, _state: State | None) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Compares an entity with the region's row, and stamps a local change.

    The rows are read before the entity, so a change that is applied in between makes the put fail
    instead of looking local. `before_write` is called with the entity and its new state before the
    row is written; if it raises, nothing is written.
    """

    access: Reader
    table: RowStore
    clock: HybridClock
    before_write: Callable[[Entity, State | None], None] = _no_request

    def __call__(self, entity: Entity, event: int | None = None) -> Row | None:
        """Return the row if a local change was recorded, else None.

        `event` is its time in milliseconds. Raises ChangePendingError or ChangeAbandonedError while
        an apply is unfinished in this region, RevisionConflictError if other runs write the row
        first ATTEMPTS times in a row, StateError for a state that JSON cannot represent, and what
        the access and the table raise.
        """
        for _ in range(ATTEMPTS):
            with suppress(RevisionConflictError):
                rows = self.table.rows(entity)
                own = own_row(rows, entity, self.clock.region)
                refuse_pending(own, self.clock.now())
                return self.compare(own, rows, event)
        raise RevisionConflictError(f"the row of {entity.key} is written too often")

    def compare(self, own: Row, rows: Sequence[Row], event: int | None = None) -> Row | None:
        """Compare the entity once with rows that were read, even if an apply is unfinished.

        Return the row if a local change was recorded, else None. Raises RevisionConflictError if
        the row is out of date.
        """
        (observation,) = self.access.observe(own.entity)
        return self.record(observation, own, rows, event)

    def record(
        self, observation: Observation, own: Row, rows: Sequence[Row], event: int | None
    ) -> Row | None:
        """Do what `compare` does with a state that was observed after the rows were read.

        Returns and raises as `compare` does.
        """
        state = observation.state
        if not is_changed_locally(own, rows, state):
            return None
        self.before_write(own.entity, state)
        stamp = self._stamp(observation, own, event)
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
            expires=is_deleted_everywhere(state, own, rows),
        )
        return self.table.put(row, own.revision)

    def _stamp(self, observation: Observation, own: Row, event: int | None) -> HybridStamp:
        """Stamp a change with the time by which IoT Core dates it, else as HybridClock.next does.

        A date that is not later than `held_at` belongs to an earlier change, because this region
        has applied another state since. The event may be older (a later change was found with it)
        or later (it belongs to another change), so it is used only if it lies within the dated
        range, where it is the more exact of the two.
        """
        after = [own.stamp, *own.seen.values()]
        changed = observation.changed(own.state)
        if changed is None or changed.last <= own.held_at:
            return self.clock.next(event, after)
        if event is not None and changed.first <= event <= changed.last:
            return self.clock.at(event, after)
        return self.clock.at(changed.first, after)

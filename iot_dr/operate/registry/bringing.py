"""Brings one entity of a region to what another region holds, with the rows that tell of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from functions.registry.apply import Apply, ReaderWriter
from functions.registry.capture import ATTEMPTS, Capture, RowStore
from functions.registry.entity import Entity
from functions.registry.pending import refuse_others_pending
from functions.registry.resolution import own_row, resolved_row
from functions.registry.row import Row
from functions.registry.stamp import Clock, wall_clock
from functions.registry.state import State, hash_of
from functions.registry.table import RevisionConflictError
from functions.registry.winner import merged_seen, restriction
from iot_dr.operate.registry.explained import refused

_YOUNG: Final = 86_400_000


class Outcome(StrEnum):
    """What became of an entity in the target.

    NOTED: it was there, and its row says so now. KEPT: a certificate that is shut out here alone.
    LEFT: what the rows say is left to the functions.
    """

    SAME = "same"
    NOTED = "noted"
    WRITTEN = "written"
    KEPT = "kept"
    LEFT = "left"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class End:
    """A region with its IoT Core and its replica of the table."""

    region: str
    access: ReaderWriter
    log: RowStore


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """The table as two replicas tell it, as replication may be late; the target's is written."""

    source: End
    target: End

    def rows(self, entity: Entity) -> list[Row]:
        """Give the newest rows of both; a region's own replica alone tells of its row."""
        newest: dict[str, Row] = {}
        for end, other in ((self.source, self.target), (self.target, self.source)):
            with refused(end.region):
                rows = end.log.rows(entity)
            for row in (each for each in rows if each.region != other.region):
                if row.revision >= newest.get(row.region, row).revision:
                    newest[row.region] = row
        return list(newest.values())

    def put(self, row: Row, expected: int) -> Row:
        """Write a row of the target; raises RevisionConflictError as its replica does."""
        with refused(self.target.region):
            return self.target.log.put(row, expected)


@dataclass(frozen=True, kw_only=True)
class Bringing:
    """Does for one entity what apply does, but what the target holds is no change of anybody's.

    A region that is new, or was away for so long that rows are gone, holds what is out of date.
    Captured as apply captures it, it would win over what the others have: so the target's row says
    before that it was left there. What somebody changes from then on is captured. So is a
    certificate that is shut out in the target alone: nothing here lets a device in again. `by` is
    the run, which may be interrupted and go on.

    Both ways raise ChangePendingError while a function applies a change, RevisionConflictError when
    functions are faster each time, RetryableError and PermanentError as the access does, StateError
    and RowError for what no row can hold, and AwsError.
    """

    source: End
    target: End
    by: str
    now: Callable[[], int] = field(default=wall_clock)

    def bring(self, entity: Entity, state: State) -> Outcome:
        """Bring the target to what the rows say once the source's has `state`, its own."""
        outcome = _again(entity, lambda: self._begin(entity, state))
        if outcome is Outcome.WRITTEN:
            self._apply(entity)
        return outcome

    def remove(self, entity: Entity) -> Outcome:
        """Delete what the source has not got; it is left where a row says that another one has it.

        So is what was changed in the target within a day, as it may be on its way to the source.
        """
        outcome = _again(entity, lambda: self._begin_removal(entity))
        if outcome is Outcome.DELETED:
            self._apply(entity)
        return outcome

    def _begin(self, entity: Entity, state: State) -> Outcome:
        rows = self._rows(entity, state)
        own = self._own(entity, rows)
        wanted = resolved_row(own, rows, self.now())
        held = self._held(entity)
        shut_out = restriction(entity.kind, held) > restriction(entity.kind, wanted.state)
        if held is not None and shut_out:
            with refused(self.target.region):
                self._capture(self.target).compare(replace(own, pending=None, left=None), rows)
            return Outcome.KEPT
        found = hash_of(held)
        if found != wanted.hash:
            if wanted.state is None:
                return Outcome.LEFT
            if found not in (own.hash, own.left):
                self._replicas.put(replace(own, left=found), own.revision)
            return Outcome.WRITTEN
        if wanted == own:
            return Outcome.SAME
        self._replicas.put(wanted, own.revision)
        return Outcome.NOTED

    def _begin_removal(self, entity: Entity) -> Outcome:
        rows = self._rows(entity, None)
        own = self._own(entity, rows)
        others = (row for row in rows if row.region != own.region and not row.away)
        if any(row.state is not None for row in others):
            return Outcome.LEFT
        if own.state is None and (own.pending is not None or own.left is not None):
            # An earlier run has written down that it is to go.
            return Outcome.DELETED
        held = self._held(entity)
        if held is None:
            return Outcome.SAME
        # What IoT Core dates may have been captured long after it was made.
        told = own.held_at if own.stamp.region == own.region else own.stamp.milliseconds
        if self.now() - told < _YOUNG:
            return Outcome.LEFT
        stamp = Clock(own.region, self.now).next(None, [own.stamp, *own.seen.values()])
        # First of all: a function that finds this half done is not to bring it back.
        gone = replace(
            Row.blank(entity, own.region),
            stamp=stamp,
            seen={**merged_seen([own, *rows]), stamp.region: stamp},
            basis=own.seen,
            held_at=self.now(),
            left=hash_of(held),
        )
        self._replicas.put(gone, own.revision)
        return Outcome.DELETED

    def _apply(self, entity: Entity) -> None:
        clock = Clock(self.target.region, self.now)
        with refused(self.target.region):
            Apply(access=self.target.access, table=self._replicas, clock=clock)(entity, self.by)

    def _own(self, entity: Entity, rows: Sequence[Row]) -> Row:
        own = own_row(rows, entity, self.target.region)
        refuse_others_pending(own, self.now(), self.by)
        return own

    def _rows(self, entity: Entity, state: State | None) -> Sequence[Row]:
        """Give the rows, of which the source's tells what that holds now: else it is captured."""
        rows = self._replicas.rows(entity)
        if own_row(rows, entity, self.source.region).hash == hash_of(state):
            return rows
        with refused(self.source.region):
            self._capture(self.source)(entity)
        return self._replicas.rows(entity)

    @property
    def _replicas(self) -> Replicas:
        return Replicas(source=self.source, target=self.target)

    def _held(self, entity: Entity) -> State | None:
        with refused(self.target.region):
            return self.target.access.read(entity)

    def _capture(self, end: End) -> Capture:
        return Capture(access=end.access, table=end.log, clock=Clock(end.region, self.now))


def _again(entity: Entity, once: Callable[[], Outcome]) -> Outcome:
    for _ in range(ATTEMPTS):
        with suppress(RevisionConflictError):
            return once()
    raise RevisionConflictError(f"the row of {entity.key} is written too often")

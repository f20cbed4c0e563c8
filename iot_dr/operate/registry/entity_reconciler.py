"""Reconciles one entity of a region with another region, including its rows in the table."""

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
from functions.registry.stamp import HybridClock, wall_clock
from functions.registry.state import State, hash_of
from functions.registry.table import RevisionConflictError
from functions.registry.winner import merged_seen, restriction_rank
from iot_dr.operate.registry.registry_errors import aws_errors

_YOUNG: Final = 86_400_000


class EntityOutcome(StrEnum):
    """The result for an entity in the target.

    NOTED: it was equal already, and its row was updated. KEPT: a certificate that is restricted
    only in the target. LEFT: nothing was done, as the rows do not require it or forbid it; the
    regions' functions decide.
    """

    SAME = "same"
    NOTED = "noted"
    WRITTEN = "written"
    KEPT = "kept"
    LEFT = "left"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class RegionAccess:
    """A region with its IoT Core and its replica of the table."""

    region: str
    access: ReaderWriter
    log: RowStore


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """The rows of two replicas of the table, since replication can lag.

    Only the target's replica is written.
    """

    source: RegionAccess
    target: RegionAccess

    def rows(self, entity: Entity) -> list[Row]:
        """Return the newest rows of both; a region's row is read from its own replica only."""
        newest: dict[str, Row] = {}
        for end, other in ((self.source, self.target), (self.target, self.source)):
            with aws_errors(end.region):
                rows = end.log.rows(entity)
            for row in (row for row in rows if row.region != other.region):
                if row.revision >= newest.get(row.region, row).revision:
                    newest[row.region] = row
        return list(newest.values())

    def put(self, row: Row, expected: int) -> Row:
        """Write a row of the target; raises RevisionConflictError if another revision is there."""
        with aws_errors(self.target.region):
            return self.target.log.put(row, expected)


@dataclass(frozen=True, kw_only=True)
class EntityReconciler:
    """Applies one entity to the target without capturing the target's content as a change.

    A new region, or one whose rows have expired, has outdated content. If it were captured like an
    event, it would win over the other regions. So the target's row first records the outdated state
    as left there. Later changes are captured, and so is a certificate that is restricted only in
    the target, so nothing here lets a device in again. `by` identifies the run, which can be
    interrupted and continued.

    Both methods raise ChangePendingError while a function applies a change, RevisionConflictError
    if functions write first each time, RetryableError and PermanentError as the access does,
    StateError and RowError for a state that no row can have, and AwsError.
    """

    source: RegionAccess
    target: RegionAccess
    by: str
    now: Callable[[], int] = field(default=wall_clock)

    def reconcile(self, entity: Entity, state: State) -> EntityOutcome:
        """Apply what the rows resolve to.

        If the source's row does not have `state`, the source's current state is captured first.
        """
        outcome = _again(entity, lambda: self._begin(entity, state))
        if outcome is EntityOutcome.WRITTEN:
            self._apply(entity)
        return outcome

    def remove(self, entity: Entity) -> EntityOutcome:
        """Delete an entity that the source does not have.

        It stays if a row says that another region has it, or if it was changed in the target within
        a day, since that change may not have reached the source yet.
        """
        outcome = _again(entity, lambda: self._begin_removal(entity))
        if outcome is EntityOutcome.DELETED:
            self._apply(entity)
        return outcome

    def _begin(self, entity: Entity, state: State) -> EntityOutcome:
        rows = self._rows(entity, state)
        own = self._own(entity, rows)
        wanted = resolved_row(own, rows, self.now())
        current = self._target_state(entity)
        is_restricted = restriction_rank(entity.kind, current) > restriction_rank(
            entity.kind, wanted.state
        )
        if current is not None and is_restricted:
            with aws_errors(self.target.region):
                self._capture(self.target).compare(replace(own, pending=None, left=None), rows)
            return EntityOutcome.KEPT
        current_hash = hash_of(current)
        if current_hash != wanted.hash:
            if wanted.state is None:
                return EntityOutcome.LEFT
            if current_hash not in (own.hash, own.left):
                self._replicas.put(replace(own, left=current_hash), own.revision)
            return EntityOutcome.WRITTEN
        if wanted == own:
            return EntityOutcome.SAME
        self._replicas.put(wanted, own.revision)
        return EntityOutcome.NOTED

    def _begin_removal(self, entity: Entity) -> EntityOutcome:
        rows = self._rows(entity, None)
        own = self._own(entity, rows)
        others = (row for row in rows if row.region != own.region and not row.away)
        if any(row.state is not None for row in others):
            return EntityOutcome.LEFT
        if own.state is None and (own.pending is not None or own.left is not None):
            # An earlier run has recorded that it has to be deleted.
            return EntityOutcome.DELETED
        current = self._target_state(entity)
        if current is None:
            return EntityOutcome.SAME
        # A change with IoT Core's own timestamp may have been captured long after it.
        changed = own.held_at if own.stamp.region == own.region else own.stamp.milliseconds
        if self.now() - changed < _YOUNG:
            return EntityOutcome.LEFT
        stamp = HybridClock(own.region, self.now).next(None, [own.stamp, *own.seen.values()])
        # Before the deletion, so that a function does not restore the entity in between.
        gone = replace(
            Row.blank(entity, own.region),
            stamp=stamp,
            seen={**merged_seen([own, *rows]), stamp.region: stamp},
            basis=own.seen,
            held_at=self.now(),
            left=hash_of(current),
        )
        self._replicas.put(gone, own.revision)
        return EntityOutcome.DELETED

    def _apply(self, entity: Entity) -> None:
        clock = HybridClock(self.target.region, self.now)
        with aws_errors(self.target.region):
            Apply(access=self.target.access, table=self._replicas, clock=clock)(entity, self.by)

    def _own(self, entity: Entity, rows: Sequence[Row]) -> Row:
        own = own_row(rows, entity, self.target.region)
        refuse_others_pending(own, self.now(), self.by)
        return own

    def _rows(self, entity: Entity, state: State | None) -> Sequence[Row]:
        """Return the rows; if the source's row differs from `state`, it is captured first."""
        rows = self._replicas.rows(entity)
        if own_row(rows, entity, self.source.region).hash == hash_of(state):
            return rows
        with aws_errors(self.source.region):
            self._capture(self.source)(entity)
        return self._replicas.rows(entity)

    @property
    def _replicas(self) -> Replicas:
        return Replicas(source=self.source, target=self.target)

    def _target_state(self, entity: Entity) -> State | None:
        with aws_errors(self.target.region):
            return self.target.access.read(entity)

    def _capture(self, end: RegionAccess) -> Capture:
        return Capture(access=end.access, table=end.log, clock=HybridClock(end.region, self.now))


def _again(entity: Entity, once: Callable[[], EntityOutcome]) -> EntityOutcome:
    for _ in range(ATTEMPTS):
        with suppress(RevisionConflictError):
            return once()
    raise RevisionConflictError(f"the row of {entity.key} is written too often")

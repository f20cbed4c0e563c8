"""Writes the winning row of an entity to a region's IoT Core."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.brake import Brake
from functions.registry.capture import ATTEMPTS, Capture, Reader, RowStore
from functions.registry.concurrent_change import is_concurrent_change, is_detaching
from functions.registry.entity import Entity
from functions.registry.pending import NO_RUN, refuse_others_pending
from functions.registry.resolution import is_changed_locally, own_row, resolved_row
from functions.registry.row import DeadLetter, Pending, Row
from functions.registry.stamp import HybridClock
from functions.registry.state import State, hash_of
from functions.registry.table import RevisionConflictError


class ReaderWriter(Reader, Protocol):
    """A region's IoT Core, as far as Apply needs it."""

    def read(self, entity: Entity) -> State | None:
        """Return the current state of an entity, None if it does not exist."""
        ...

    def write(self, entity: Entity, wanted: State | None) -> None:
        """Write a state, or delete the entity; raises RetryableError or PermanentError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Apply:
    """Applies what another region has changed to one entity of this region.

    A local change that capture has not recorded yet is captured first, because it may win. `brake`
    may hold a deletion back.
    """

    access: ReaderWriter
    table: RowStore
    clock: HybridClock
    brake: Brake | None = None

    def __call__(self, entity: Entity, run_id: str) -> Row | None:
        """Return the region's row if it took over another stamp, else None.

        `run_id` identifies this run in `pending`. Raises ChangePendingError while another run
        applies to the entity, RevisionConflictError if other runs write the row first ATTEMPTS
        times in a row, RetryableError or PermanentError as the access does, and what else the
        access and the table raise.
        """
        for _ in range(ATTEMPTS):
            with suppress(RevisionConflictError):
                return self._apply_once(entity, run_id)
        raise RevisionConflictError(f"the row of {entity.key} is written too often")

    def dead_letter(
        self, entity: Entity, reason: str, attempts: int, run_id: str, report: Callable[[], object]
    ) -> None:
        """Record in the region's row that retries have ended, with the reason.

        Before that, call `report` unless the row has that reason already. Raises as a call does,
        but RevisionConflictError as soon as another run writes the row first. A dead-lettered
        entity is tried again when the reconciler finds that its row still differs.
        """
        now = self.clock.now()
        own = own_row(self.table.rows(entity), entity, self.clock.region)
        refuse_others_pending(own, now, run_id)
        if own.pending is not None:
            own = _without_pending(own, self.access.read(entity))
        if own.dead_letter is None or own.dead_letter.reason != reason:
            # First: if it fails, the next attempt must not find the reason in the row.
            report()
        dead_letter = DeadLetter(reason=reason, at=now, attempts=attempts)
        self.table.put(replace(own, dead_letter=dead_letter), own.revision)

    def _apply_once(self, entity: Entity, run_id: str) -> Row | None:
        rows = self.table.rows(entity)
        own = own_row(rows, entity, self.clock.region)
        refuse_others_pending(own, self.clock.now(), run_id)
        wanted = resolved_row(own, rows, self.clock.now())
        if wanted == own:
            return None
        # A blank row proves nothing about IoT Core: the region may hold what was deleted elsewhere.
        is_interrupted = own.pending is not None or own.left is not None
        if wanted.hash != own.hash or is_interrupted or own.is_blank:
            if self._capture().compare(own, rows) is not None:
                raise RevisionConflictError(entity.key)
            with self._braked(own, wanted):
                own = self._write_through(own, rows, wanted, run_id)
        held_at = wanted.held_at if wanted.stamp == own.stamp else self.clock.now()
        row = self.table.put(replace(wanted, held_at=held_at), own.revision)
        return None if row.stamp == own.stamp else row

    def _braked(self, own: Row, wanted: Row) -> AbstractContextManager[None]:
        is_deletion = wanted.state is None and own.state is not None
        if self.brake is None or not is_deletion:
            return nullcontext()
        return self.brake.counting(wanted.stamp)

    def _write_through(self, own: Row, rows: Sequence[Row], wanted: Row, run_id: str) -> Row:
        before = own
        pending = Pending(hash=wanted.hash, at=self.clock.now(), by=run_id)
        own = self.table.put(replace(own, pending=pending), own.revision)
        try:
            # Capture waits from here on. A change made after the comparison above would be
            # overwritten unseen, so the entity is read once more.
            before_write = self.access.read(own.entity)
            if is_changed_locally(before, rows, before_write):
                raise RevisionConflictError(own.entity.key)
        except Exception:
            self.table.put(replace(before, revision=own.revision), own.revision)
            raise
        try:
            self.access.write(own.entity, wanted.state)
        except Exception:
            # If this fails as well, `pending` stays, and blocks capture until PENDING_TIMEOUT.
            with suppress(Exception):
                self._clear_pending(before, own, before_write, wanted)
            raise
        self._verify(before, own, before_write, wanted)
        return own

    def _clear_pending(
        self, before: Row, own: Row, before_write: State | None, wanted: Row
    ) -> None:
        """Record what a failed write has left in IoT Core as `left`, so that capture ignores it.

        A concurrent change by somebody else is not recorded: capture has to see it. While AWS may
        still be detaching certificates the state says nothing yet: `pending` stays, and the next
        run takes it over.
        """
        state = self.access.read(own.entity)
        if is_concurrent_change(own.entity, state, before_write, wanted.state):
            row = replace(own, pending=None, left=before.left)
        elif own.pending is not None and is_detaching(own.entity, state, wanted.state):
            row = replace(own, pending=replace(own.pending, by=NO_RUN))
        else:
            row = _without_pending(own, state)
        self.table.put(row, own.revision)

    def _verify(self, before: Row, own: Row, before_write: State | None, wanted: Row) -> None:
        """Read the entity back, and raise unless it has the written state.

        Raises RetryableError if it differs, PermanentError if it differs in the same way after the
        next attempt.

        Detachments are asynchronous
        (docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html). Until they are
        done `pending` stays, or capture would take the remainder for a local change. A state that
        only a concurrent change can explain is accepted: it is newer than the write.
        """
        state = self.access.read(own.entity)
        current_hash = hash_of(state)
        if current_hash == wanted.hash or is_concurrent_change(
            own.entity, state, before_write, wanted.state
        ):
            return
        is_second_attempt = before.pending is not None and before.pending.hash == wanted.hash
        if is_second_attempt and current_hash == before.left:
            self.table.put(replace(own, pending=None), own.revision)
            raise PermanentError(f"{own.entity.key}: AWS stores another state than was sent")
        self.table.put(replace(own, left=current_hash), own.revision)
        raise RetryableError(f"{own.entity.key}: AWS does not return the new state yet")

    def _capture(self) -> Capture:
        return Capture(access=self.access, table=self.table, clock=self.clock)


def _without_pending(own: Row, state: State | None) -> Row:
    left = hash_of(state)
    return replace(own, pending=None, left=None if left == own.hash else left)

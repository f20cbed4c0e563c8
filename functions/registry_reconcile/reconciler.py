"""Comparison of a region's whole registry with the table, to repair what events have missed."""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from functions.contract import WITHHELD
from functions.registry.capture import Capture, RowStore
from functions.registry.entity import Entity, Kind
from functions.registry.item import RowError
from functions.registry.pending import ChangePendingError
from functions.registry.reason import reason_of
from functions.registry.resolution import own_row, resolved_row
from functions.registry.row import Row
from functions.registry.state import State
from functions.registry_reconcile.checkpoint import Checkpoint

_MAX_CAUSES = 5


class EntityPage(Protocol):
    """The entities on one page of a list."""

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities."""
        ...

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page; None on the last one."""
        ...


class EntityLister(Protocol):
    """A region's IoT Core, as far as the reconciler needs it."""

    def read(self, entity: Entity) -> State | None:
        """Return the current state of an entity, None if it does not exist."""
        ...

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[EntityPage]:
        """Yield the pages of the list of a kind, from a cursor on."""
        ...


class ScannedTable(RowStore, Protocol):
    """The registry table, as far as the reconciler needs it."""

    def scan(
        self, *, after: tuple[str, str] | None, refuse: Callable[[RowError], object]
    ) -> Iterator[Row]:
        """Yield all rows after the key and region `after`, None for the first, grouped by entity.

        Malformed rows are passed to `refuse`.
        """
        ...


def _counts() -> Counter[str]:
    return Counter({"Compared": 0, "Captured": 0, "Asked": 0, "Failed": 0, WITHHELD: 0})


def _unmeasured(_entities: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """Captures listed entities without a row, then compares every row with IoT Core.

    A row that differs from its entity is captured, and an entity for which another region's row
    wins is enqueued to be applied, as is one that is just being applied. Failures are counted and
    left to the next comparison. Before both phases, missing entities are counted: if they are too
    many, as when IoT Core was emptied, no deletion is captured, because it would be replicated to
    all regions. `measure` gets the number of the region's entities.
    """

    access: EntityLister
    table: ScannedTable
    capture: Capture
    excluded: Container[Entity]
    enqueue: Callable[[Entity], None]
    time_is_up: Callable[[], bool]
    measure: Callable[[int], None] = _unmeasured
    counts: Counter[str] = field(default_factory=_counts)
    causes: list[str] = field(default_factory=list[str])
    """The reasons of failures, each once, at most _MAX_CAUSES."""

    def run(self, checkpoint: Checkpoint) -> Checkpoint | None:
        """Compare from a checkpoint on.

        Return the next checkpoint, or None if the comparison is complete. Raises what the access
        raises for a list, what the table raises, and what `enqueue` raises.
        """
        if checkpoint.counting:
            checkpoint = self._count_missing(checkpoint)
            if checkpoint.counting:
                return checkpoint
            self._report_withheld(checkpoint)
            self.measure(checkpoint.own)
        kinds = list(Kind)
        begin = len(kinds) if checkpoint.kind is None else kinds.index(checkpoint.kind)
        for kind in kinds[begin:]:
            at = checkpoint if kind == checkpoint.kind else _start_of(checkpoint, kind)
            stopped = self._capture_listed(at)
            if stopped is not None:
                return stopped
        return self._compare_all_rows(
            checkpoint if checkpoint.kind is None else _start_of(checkpoint, None)
        )

    def _count_missing(self, checkpoint: Checkpoint) -> Checkpoint:
        # Malformed rows are counted as failures later, when the rows are compared.
        for entity, group_rows in self._grouped(checkpoint, lambda _error: None):
            if self.time_is_up():
                return checkpoint
            own, gone = checkpoint.own, checkpoint.gone
            if own_row(group_rows, entity, self.capture.clock.region).state is not None:
                own, gone = own + 1, gone + self._is_gone(entity)
            last_row = (entity.key, group_rows[-1].region)
            checkpoint = replace(checkpoint, own=own, gone=gone, row=last_row)
        return replace(checkpoint, counting=False, row=None)

    def _is_gone(self, entity: Entity) -> bool:
        # Failures are counted later too, when the rows are compared.
        with suppress(Exception):
            return self.access.read(entity) is None
        return False

    def _report_withheld(self, checkpoint: Checkpoint) -> None:
        if checkpoint.withheld:
            self.counts[WITHHELD] = checkpoint.withheld
            self.causes.append(
                f"{checkpoint.gone} of {checkpoint.own} entities are missing: "
                "no deletion is recorded until that is confirmed"
            )

    def _capture_listed(self, checkpoint: Checkpoint) -> Checkpoint | None:
        if checkpoint.kind is None:
            return None
        for page in self.access.entities(checkpoint.kind, checkpoint.page):
            for entity in page.entities[checkpoint.done :]:
                if self.time_is_up():
                    return checkpoint
                self._attempt(entity, self._compare_listed)
                checkpoint = replace(checkpoint, done=checkpoint.done + 1)
            checkpoint = replace(checkpoint, page=page.cursor, done=0)
        return None

    def _compare_all_rows(self, checkpoint: Checkpoint) -> Checkpoint | None:
        for entity, group_rows in self._grouped(checkpoint, self._record_failure):
            if self.time_is_up():
                return checkpoint
            self._attempt(entity, lambda each: self._compare_rows(each, group_rows, checkpoint))  # noqa: B023 - called at once, in this iteration
            checkpoint = replace(checkpoint, row=(entity.key, group_rows[-1].region))
        return None

    def _grouped(
        self, checkpoint: Checkpoint, refuse: Callable[[RowError], object]
    ) -> Iterator[tuple[Entity, list[Row]]]:
        rows = self.table.scan(after=checkpoint.row, refuse=refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            # Excluded entities read as missing: capturing that would delete them elsewhere.
            if entity not in self.excluded:
                yield entity, list(group)

    def _compare_listed(self, entity: Entity) -> None:
        own = own_row(self.table.rows(entity), entity, self.capture.clock.region)
        if own.state is None:
            self._capture_entity(entity)

    def _compare_rows(self, entity: Entity, rows: list[Row], checkpoint: Checkpoint) -> None:
        self.counts["Compared"] += 1
        own = own_row(rows, entity, self.capture.clock.region)
        if own.state is not None:
            # Return, rather than only skip the capture: apply would capture the deletion as well.
            if checkpoint.withheld and self.access.read(entity) is None:
                return
            self._capture_entity(entity)
        if resolved_row(own, rows, self.capture.clock.now()) != own:
            self.enqueue(entity)
            self.counts["Asked"] += 1

    def _capture_entity(self, entity: Entity) -> None:
        if self.capture(entity) is not None:
            self.counts["Captured"] += 1

    def _attempt(self, entity: Entity, compare: Callable[[Entity], None]) -> None:
        try:
            compare(entity)
        except ChangePendingError:
            self.enqueue(entity)
            self.counts["Asked"] += 1
        except Exception as error:  # noqa: BLE001 - one entity must not stop the others
            self._record_failure(error)

    def _record_failure(self, error: Exception) -> None:
        self.counts["Failed"] += 1
        reason = reason_of(error)
        if len(self.causes) < _MAX_CAUSES and reason not in self.causes:
            self.causes.append(reason)


def _start_of(checkpoint: Checkpoint, kind: Kind | None) -> Checkpoint:
    return replace(checkpoint, kind=kind, page=None, done=0, row=None)

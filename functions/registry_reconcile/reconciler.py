"""Comparison of a region's whole registry with the table, to repair what events have missed."""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, islice
from threading import Lock
from typing import Protocol

from functions.contract import WITHHELD
from functions.registry.capture import Capture, RowStore
from functions.registry.entity import Entity, Kind
from functions.registry.item import RowError
from functions.registry.pending import ChangePendingError
from functions.registry.reason import reason_of
from functions.registry.resolution import is_changed_locally, own_row, resolved_row
from functions.registry.row import Row
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


def _unpaced(_kind: Kind) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """Captures listed entities without a row, then compares every row with IoT Core.

    A row that differs from its entity is captured, and an entity for which another region's row
    wins is enqueued to be applied, as is one that is just being applied. Failures are counted and
    left to the next comparison. Between both phases, the entities that no list has named are
    counted: if they are too many, as when IoT Core was emptied, no deletion is captured, because it
    would be replicated to all regions. `measure` gets the number of the region's entities. `pace`
    is called before an entity is read. With a `pool` as many entities as its `workers` are read at
    the same time.
    """

    access: EntityLister
    table: ScannedTable
    capture: Capture
    excluded: Container[Entity]
    enqueue: Callable[[Entity], None]
    time_is_up: Callable[[], bool]
    measure: Callable[[int], None] = _unmeasured
    pace: Callable[[Kind], None] = _unpaced
    pool: Executor | None = None
    workers: int = 1
    counts: Counter[str] = field(default_factory=_counts)
    causes: list[str] = field(default_factory=list[str])
    """The reasons of failures, each once, at most _MAX_CAUSES."""
    _lock: Lock = field(default_factory=Lock)

    def run(self, checkpoint: Checkpoint) -> Checkpoint | None:
        """Compare from a checkpoint on.

        Return the next checkpoint, or None if the comparison is complete. Raises what the access
        raises for a list, what the table raises, and what `enqueue` raises.
        """
        while checkpoint.kind is not None:
            checkpoint, is_stopped = self._capture_listed(checkpoint, checkpoint.kind)
            if is_stopped:
                return checkpoint
        if checkpoint.counting:
            checkpoint = self._count_rows(checkpoint)
            if checkpoint.counting:
                return checkpoint
            self._report_withheld(checkpoint)
            self.measure(checkpoint.entities)
        return self._compare_all_rows(checkpoint)

    def _count_rows(self, checkpoint: Checkpoint) -> Checkpoint:
        # Malformed rows are counted as failures later, when the rows are compared.
        for entity, group_rows in self._grouped(checkpoint, lambda _error: None):
            if self.time_is_up():
                return checkpoint
            own = own_row(group_rows, entity, self.capture.clock.region)
            checkpoint = replace(
                checkpoint,
                entities=checkpoint.entities + (own.state is not None),
                own=checkpoint.own + _is_counted(own, checkpoint),
                row=(entity.key, group_rows[-1].region),
            )
        return replace(checkpoint, counting=False, row=None)

    def _report_withheld(self, checkpoint: Checkpoint) -> None:
        if checkpoint.withheld:
            self.counts[WITHHELD] = checkpoint.withheld
            self.causes.append(
                f"{checkpoint.gone} of {checkpoint.own} entities are missing: "
                "no deletion is recorded until that is confirmed"
            )

    def _capture_listed(self, checkpoint: Checkpoint, kind: Kind) -> tuple[Checkpoint, bool]:
        """Return the start of what follows a list, or where it stopped, and whether it stopped."""
        known: list[Entity] = []

        def compare(entity: Entity) -> None:
            own = own_row(self.table.rows(entity), entity, self.capture.clock.region)
            if _is_counted(own, checkpoint):
                known.append(entity)
            if own.state is None:
                self._capture_entity(entity)

        for page in self.access.entities(kind, checkpoint.page):
            entities = iter(page.entities[checkpoint.done :])
            while some := list(islice(entities, self.workers)):
                if self.time_is_up():
                    return checkpoint, True
                self._attempt_all([(entity, partial(compare, entity)) for entity in some])
                checkpoint = replace(
                    checkpoint,
                    done=checkpoint.done + len(some),
                    known=checkpoint.known + len(known),
                )
                known.clear()
            checkpoint = replace(checkpoint, page=page.cursor, done=0)
        rest = list(Kind)[list(Kind).index(kind) + 1 :]
        return replace(checkpoint, kind=rest[0] if rest else None, page=None, done=0), False

    def _compare_all_rows(self, checkpoint: Checkpoint) -> Checkpoint | None:
        groups = self._grouped(checkpoint, self._record_failure)
        while some := list(islice(groups, self.workers)):
            if self.time_is_up():
                return checkpoint
            compare = partial(self._compare_rows, checkpoint)
            self._attempt_all([(entity, partial(compare, entity, rows)) for entity, rows in some])
            entity, rows = some[-1]
            checkpoint = replace(checkpoint, row=(entity.key, rows[-1].region))
        return None

    def _grouped(
        self, checkpoint: Checkpoint, refuse: Callable[[RowError], object]
    ) -> Iterator[tuple[Entity, list[Row]]]:
        rows = self.table.scan(after=checkpoint.row, refuse=refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            # Excluded entities read as missing: capturing that would delete them elsewhere.
            if entity not in self.excluded:
                yield entity, list(group)

    def _compare_rows(self, checkpoint: Checkpoint, entity: Entity, rows: list[Row]) -> None:
        self._count("Compared")
        own = own_row(rows, entity, self.capture.clock.region)
        if own.state is not None:
            self.pace(entity.kind)
            (observation,) = self.capture.access.observe(entity)
            # Return, rather than only skip the capture: apply would capture the deletion as well.
            if checkpoint.withheld and observation.state is None:
                return
            if own.pending is not None or is_changed_locally(own, rows, observation.state):
                # It reads the rows and the entity again: those of the scan may be older.
                self._capture_entity(entity)
        if resolved_row(own, rows, self.capture.clock.now()) != own:
            self.enqueue(entity)
            self._count("Asked")

    def _capture_entity(self, entity: Entity) -> None:
        self.pace(entity.kind)
        if self.capture(entity) is not None:
            self._count("Captured")

    def _attempt_all(self, comparisons: list[tuple[Entity, Callable[[], None]]]) -> None:
        run = map if self.pool is None else self.pool.map
        for _ in run(self._attempt, comparisons):
            pass

    def _attempt(self, comparison: tuple[Entity, Callable[[], None]]) -> None:
        entity, compare = comparison
        try:
            compare()
        except ChangePendingError:
            self.enqueue(entity)
            self._count("Asked")
        except Exception as error:  # noqa: BLE001 - one entity must not stop the others
            self._record_failure(error)

    def _record_failure(self, error: Exception) -> None:
        self._count("Failed")
        reason = reason_of(error)
        with self._lock:
            if len(self.causes) < _MAX_CAUSES and reason not in self.causes:
                self.causes.append(reason)

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1


def _is_counted(own: Row, checkpoint: Checkpoint) -> bool:
    """Whether a list names the entity if it exists; what changed during the run does not count."""
    is_listed = own.entity.kind is not Kind.SHADOW
    return is_listed and own.state is not None and own.held_at < checkpoint.run

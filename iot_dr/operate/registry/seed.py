"""Copies a whole region's registry to another region."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity, Kind
from functions.registry.item import RowError
from functions.registry.pending import ChangePendingError
from functions.registry.reason import reason_of
from functions.registry.state import StateError
from functions.registry.table import RevisionConflictError
from iot_dr.operate.registry.entity_reader import EntityReader, ReadEntity, group_shadow_halves
from iot_dr.operate.registry.entity_reconciler import EntityOutcome, EntityReconciler
from iot_dr.operate.registry.ledger import Ledger, LedgerEntry
from iot_dr.operate.registry.region_reader import OnPage, RegionReader
from iot_dr.operate.registry.registry_errors import aws_errors, registry_errors

LATER: Final = "later"
"""A dependency is missing, another process is changing the entity, or AWS throttles."""

NEVER: Final = "never"
"""No retry would help."""

_AT_ONCE: Final = 500
# A write takes about 16 sequential calls, so using AWS's quotas needs more threads than reading.
_THREADS: Final = 16
# Seconds before another round, after one without progress.
_WAITS: Final = (5.0, 15.0, 30.0)
_PASSING = (RetryableError, ChangePendingError, RevisionConflictError)
_LASTING = (PermanentError, StateError, RowError)


@dataclass(frozen=True, kw_only=True)
class Seed:
    """Copies the source's entities kind by kind, in the order of their dependencies.

    Entities that cannot be copied yet stay in the ledger for later rounds. `outcomes` counts this
    run's results. An interruption ends it between two entities, and the page is repeated in the
    next run.
    """

    reconciler: EntityReconciler
    ledger: Ledger
    source: EntityReader
    target: EntityReader
    on_page: OnPage = lambda _region, _kind, _count: None
    threads: int = _THREADS
    sleep: Callable[[float], None] = field(default=time.sleep)
    outcomes: Counter[EntityOutcome] = field(default_factory=Counter[EntityOutcome])
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Copy all entities that can be copied; raises UserError if a region or the table fails."""
        try:
            self._run()
        finally:
            # Reading the next page ahead would delay the end by half a minute.
            self.source.stop.set()

    def _run(self) -> None:
        region = self.reconciler.source.region
        walk = RegionReader(
            region=region, reading=self.source, ledger=self.ledger, on_page=self.on_page
        )
        for kind in Kind:
            for page in walk.pages(kind):
                self._in_parallel(page.entities, self._reconcile)
                walk.note(kind, page)
            self._rounds(kind, self._reread_and_reconcile)
        for kind in Kind:
            self._rounds(kind, self._reread_and_reconcile)

    def find_surplus(self) -> int:
        """Record the entities that only the target has; return their number; raises UserError."""
        source, target = self.reconciler.source.region, self.reconciler.target.region
        count = 0
        with registry_errors(target):
            for kind in Kind:
                self.ledger.forget(target, kind)
                for keys in self._keys(kind):
                    new = [
                        LedgerEntry(key, "")
                        for key in keys
                        if not self.ledger.contains(source, key)
                    ]
                    self.ledger.record_page(target, kind, new, None)
                    count += len(new)
        return count

    def delete_surplus(self) -> None:
        """Delete the recorded surplus, entities before those that they depend on."""
        target = self.reconciler.target.region
        for kind in reversed(Kind):
            last = ""
            while keys := self.ledger.keys(target, kind, last, _AT_ONCE):
                self._in_parallel(_named(keys), self._remove)
                last = keys[-1]
            self._rounds(kind, self._remove)

    def _keys(self, kind: Kind) -> Iterator[list[str]]:
        """Yield the keys of the target's entities.

        Shadows are read, since listing them includes halves that do not exist.
        """
        if kind is Kind.SHADOW:
            for page in self.target.pages(kind, None):
                yield [item.entity.key for item in page.entities]
        else:
            for entities in self.target.list_pages(kind):
                yield [entity.key for entity in entities]

    def _rounds(self, kind: Kind, handle: Callable[[ReadEntity], EntityOutcome]) -> None:
        """Retry the unfinished entities of a kind, until a round makes no progress."""
        waits = iter(_WAITS)
        while before := self.ledger.count_deferred(kind, LATER):
            last = ""
            while keys := self.ledger.deferred(kind, LATER, last, _AT_ONCE):
                self._in_parallel(_named(keys), handle)
                last = keys[-1]
            if self.ledger.count_deferred(kind, LATER) < before:
                waits = iter(_WAITS)
            elif (wait := next(waits, None)) is not None:
                self.sleep(wait)
            else:
                return

    def _reread_and_reconcile(self, item: ReadEntity) -> EntityOutcome:
        with aws_errors(self.reconciler.source.region):
            item = self.source.read(item.entity) or item
        return self._reconcile(item)

    def _remove(self, item: ReadEntity) -> EntityOutcome:
        return self.reconciler.remove(item.entity)

    def _reconcile(self, item: ReadEntity) -> EntityOutcome:
        if item.unreadable:
            raise PermanentError(item.unreadable)
        if item.state is None:
            return EntityOutcome.SAME
        return self.reconciler.reconcile(item.entity, item.state)

    def _in_parallel(
        self, item: Iterable[ReadEntity], handle: Callable[[ReadEntity], EntityOutcome]
    ) -> None:
        groups = group_shadow_halves(item)
        with ThreadPoolExecutor(self.threads) as pool:
            for _ in pool.map(partial(self._group, handle), groups):
                pass

    def _group(
        self, handle: Callable[[ReadEntity], EntityOutcome], group: Sequence[ReadEntity]
    ) -> None:
        for item in group:
            self._attempt(item, handle)

    def _attempt(self, item: ReadEntity, handle: Callable[[ReadEntity], EntityOutcome]) -> None:
        entity = item.entity
        try:
            outcome = handle(item)
        except _PASSING as error:
            self.ledger.defer(entity.key, entity.kind, LATER, reason_of(error))
        except _LASTING as error:
            self.ledger.defer(entity.key, entity.kind, NEVER, reason_of(error))
        else:
            with self._lock:
                self.outcomes[outcome] += 1
            self.ledger.settle(entity.key)


def _named(keys: Iterable[str]) -> list[ReadEntity]:
    return [ReadEntity(Entity.parse(key), None) for key in keys]

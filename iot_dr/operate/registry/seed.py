"""Brings a whole region to what another one holds."""

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
from iot_dr.operate.registry.bringing import Bringing, Outcome
from iot_dr.operate.registry.explained import explained, refused
from iot_dr.operate.registry.ledger import Held, Ledger
from iot_dr.operate.registry.reading import Found, Reading, together
from iot_dr.operate.registry.walk import Told, Walk

LATER: Final = "later"
"""What it needs is not there yet, somebody else is at it, or AWS wants to wait."""

NEVER: Final = "never"
"""No further try would mend it."""

_AT_ONCE: Final = 500
# A write is about sixteen calls in a row, so it takes more of them to use AWS's quotas up.
_THREADS: Final = 16
# Seconds before another round when the one before has brought nothing forward.
_WAITS: Final = (5.0, 15.0, 30.0)
_PASSING = (RetryableError, ChangePendingError, RevisionConflictError)
_LASTING = (PermanentError, StateError, RowError)


def _counter() -> Counter[Outcome]:
    return Counter()


@dataclass(frozen=True, kw_only=True)
class Seed:
    """Goes through the source kind by kind, in the order in which they need each other.

    What cannot be done yet is left in the ledger for later rounds. `outcomes` counts what this run
    has done. An interruption ends it between two entities, and the page is done once more.
    """

    bringing: Bringing
    ledger: Ledger
    source: Reading
    target: Reading
    told: Told = lambda _region, _kind, _count: None
    threads: int = _THREADS
    sleep: Callable[[float], None] = field(default=time.sleep)
    outcomes: Counter[Outcome] = field(default_factory=_counter)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """Bring everything; raises UserError when a region or the table cannot be used."""
        try:
            self._run()
        finally:
            # The page that is being read ahead would hold up the end for half a minute.
            self.source.stop.set()

    def _run(self) -> None:
        region = self.bringing.source.region
        walk = Walk(region=region, reading=self.source, ledger=self.ledger, told=self.told)
        for kind in Kind:
            for page in walk.pages(kind):
                self._each(page.found, self._bring)
                walk.note(kind, page)
            self._rounds(kind, self._bring_anew)
        for kind in Kind:
            self._rounds(kind, self._bring_anew)

    def find_surplus(self) -> int:
        """List what the target has and the source has not, and count it."""
        source, target = self.bringing.source.region, self.bringing.target.region
        count = 0
        with explained(target):
            for kind in Kind:
                self.ledger.forget(target, kind)
                for keys in self._keys(kind):
                    new = [Held(key, "") for key in keys if not self.ledger.holds(source, key)]
                    self.ledger.turn(target, kind, new, None)
                    count += len(new)
        return count

    def delete_surplus(self) -> None:
        """Delete what was found so, what needs something before what it needs."""
        target = self.bringing.target.region
        for kind in reversed(Kind):
            last = ""
            while keys := self.ledger.keys(target, kind, last, _AT_ONCE):
                self._each(_named(keys), self._remove)
                last = keys[-1]
            self._rounds(kind, self._remove)

    def _keys(self, kind: Kind) -> Iterator[list[str]]:
        """Give the keys of what the target has; lists have halves of shadows that are not there."""
        if kind is Kind.SHADOW:
            for page in self.target.pages(kind, None):
                yield [each.entity.key for each in page.found]
        else:
            for entities in self.target.listed(kind):
                yield [each.key for each in entities]

    def _rounds(self, kind: Kind, bring: Callable[[Found], Outcome]) -> None:
        """Try again what is left of a kind, until rounds bring nothing forward any more."""
        waits = iter(_WAITS)
        while before := self.ledger.count_left_so(kind, LATER):
            last = ""
            while keys := self.ledger.left(kind, LATER, last, _AT_ONCE):
                self._each(_named(keys), bring)
                last = keys[-1]
            if self.ledger.count_left_so(kind, LATER) < before:
                waits = iter(_WAITS)
            elif (wait := next(waits, None)) is not None:
                self.sleep(wait)
            else:
                return

    def _bring_anew(self, found: Found) -> Outcome:
        with refused(self.bringing.source.region):
            found = self.source.read(found.entity) or found
        return self._bring(found)

    def _remove(self, found: Found) -> Outcome:
        return self.bringing.remove(found.entity)

    def _bring(self, found: Found) -> Outcome:
        if found.unreadable:
            raise PermanentError(found.unreadable)
        if found.state is None:
            return Outcome.SAME
        return self.bringing.bring(found.entity, found.state)

    def _each(self, found: Iterable[Found], bring: Callable[[Found], Outcome]) -> None:
        groups = together(found)
        with ThreadPoolExecutor(self.threads) as pool:
            for _ in pool.map(partial(self._group, bring), groups):
                pass

    def _group(self, bring: Callable[[Found], Outcome], group: Sequence[Found]) -> None:
        for found in group:
            self._one(found, bring)

    def _one(self, found: Found, bring: Callable[[Found], Outcome]) -> None:
        entity = found.entity
        try:
            outcome = bring(found)
        except _PASSING as error:
            self.ledger.leave(entity.key, entity.kind, LATER, reason_of(error))
        except _LASTING as error:
            self.ledger.leave(entity.key, entity.kind, NEVER, reason_of(error))
        else:
            with self._lock:
                self.outcomes[outcome] += 1
            self.ledger.settle(entity.key)


def _named(keys: Iterable[str]) -> list[Found]:
    return [Found(Entity.parse(key), None) for key in keys]

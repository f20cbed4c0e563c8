"""Reads whole regions into a ledger."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Final

from functions.registry.access import PermanentError
from functions.registry.entity import Kind
from functions.registry.state import hash_of
from iot_dr.operate.registry.entity_reader import EntityPage, EntityReader, ReadEntity
from iot_dr.operate.registry.ledger import Ledger, LedgerEntry
from iot_dr.operate.registry.registry_errors import registry_errors

UNREADABLE: Final = "unreadable"
"""The hash of an unreadable entity; it counts as different, even from the same hash."""

OnPage = Callable[[str, Kind, int], None]
"""Progress callback: gets the region, the kind, and the number of entities of each page."""


@dataclass(frozen=True, kw_only=True)
class RegionReader:
    """Reads a region kind by kind, from where an earlier run stopped."""

    region: str
    reading: EntityReader
    ledger: Ledger
    on_page: OnPage = lambda _region, _kind, _count: None

    def kind(self, kind: Kind) -> None:
        """Read a kind to its end into the ledger; raises UserError if it cannot be read."""
        for page in self.pages(kind):
            self.note(kind, page)

    def pages(self, kind: Kind) -> Iterator[EntityPage]:
        """Yield the remaining pages, which the caller must `note`; raises UserError as `kind`."""
        place = self.ledger.place(self.region, kind)
        if place.is_done:
            return
        with registry_errors(self.region):
            pages = self.reading.pages(kind, place.cursor)
            try:
                first = next(pages)
            except PermanentError:
                if place.cursor is None:
                    raise
                # assumed: the cursor has expired; AWS documents no lifetime.
                self.ledger.forget(self.region, kind)
                pages = self.reading.pages(kind, None)
                first = next(pages)
            yield first
            yield from pages

    def note(self, kind: Kind, page: EntityPage) -> None:
        """Store a page in the ledger, and report its size to `on_page`."""
        self.ledger.record_page(self.region, kind, ledger_entries(page.entities), page.cursor)
        self.on_page(self.region, kind, len(page.entities))


def ledger_entries(entities: Iterable[ReadEntity]) -> Sequence[LedgerEntry]:
    """Return the ledger's entries for entities."""
    return [
        LedgerEntry(item.entity.key, UNREADABLE, item.unreadable)
        if item.unreadable
        else LedgerEntry(item.entity.key, hash_of(item.state))
        for item in entities
    ]


def read_regions(walks: Sequence[RegionReader], stop: Event, kinds: Sequence[Kind]) -> None:
    """Read kinds of several regions concurrently, since AWS limits each API separately.

    If one raises UserError, or after an interruption, the others stop at their current page and the
    error is raised.
    """
    jobs = [(walk, kind) for walk in walks for kind in kinds]
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(walk.kind, kind) for walk, kind in jobs]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for future in done:
        future.result()

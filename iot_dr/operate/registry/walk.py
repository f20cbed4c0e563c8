"""Reads whole regions into a ledger."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Final

from functions.registry.access import PermanentError
from functions.registry.entity import Kind
from functions.registry.state import hash_of
from iot_dr.operate.registry.ledger import Held, Ledger
from iot_dr.operate.registry.reading import Found, FoundPage, Reading
from iot_dr.operate.registry.registry_errors import explained

UNREADABLE: Final = "unreadable"
"""Takes the place of the hash of an unreadable entity; it is equal to nothing."""

Told = Callable[[str, Kind, int], None]
"""Progress callback: gets the region, the kind, and the number of entities of each page."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Reads a region kind by kind, from where an earlier run has stopped."""

    region: str
    reading: Reading
    ledger: Ledger
    told: Told = lambda _region, _kind, _count: None

    def kind(self, kind: Kind) -> None:
        """Read a kind to its end into the ledger; raises UserError if it cannot be read."""
        for page in self.pages(kind):
            self.note(kind, page)

    def pages(self, kind: Kind) -> Iterator[FoundPage]:
        """Yield the remaining pages, which the caller has to `note`; raises UserError as `kind`."""
        place = self.ledger.place(self.region, kind)
        if place.is_done:
            return
        with explained(self.region):
            pages = self.reading.pages(kind, place.cursor)
            try:
                first = next(pages)
            except PermanentError:
                if place.cursor is None:
                    raise
                # AWS's cursors expire.
                self.ledger.forget(self.region, kind)
                pages = self.reading.pages(kind, None)
                first = next(pages)
            yield first
            yield from pages

    def note(self, kind: Kind, page: FoundPage) -> None:
        """Store a page in the ledger."""
        self.ledger.turn(self.region, kind, held(page.found), page.cursor)
        self.told(self.region, kind, len(page.found))


def held(entities: Iterable[Found]) -> Sequence[Held]:
    """Return the ledger's entries for entities."""
    return [
        Held(item.entity.key, UNREADABLE, item.unreadable)
        if item.unreadable
        else Held(item.entity.key, hash_of(item.state))
        for item in entities
    ]


def walk_all(walks: Sequence[Walk], stop: Event) -> None:
    """Read all kinds of several regions at once: AWS limits the calls of each API by itself.

    Raises the first UserError, or what interrupts it, once the current pages are done.
    """
    jobs = [(walk, kind) for walk in walks for kind in Kind]
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(walk.kind, kind) for walk, kind in jobs]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for future in done:
        future.result()

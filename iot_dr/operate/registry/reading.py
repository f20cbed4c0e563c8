"""All entities of a kind in a region with their states, page by page."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from threading import Event
from typing import Final, Protocol, TypeVar

from functions.registry.access import Page, PermanentError
from functions.registry.entity import Entity, Kind
from functions.registry.state import State
from iot_dr.operate.registry.explained import patiently

THREADS: Final = 8
"""Calls that are under way at once for one kind in one region."""


class StoppedError(Exception):
    """Somebody has set `stop`: what was read of the page is dropped."""


class Registry(Protocol):
    """A region's IoT Core, as far as it is read."""

    def read(self, entity: Entity) -> State | None:
        """Give the state of an entity as it is now."""
        ...

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        """List all entities of a kind from a cursor on, page by page."""
        ...


@dataclass(frozen=True)
class Found:
    """An entity that is there, or why what is there cannot be read."""

    entity: Entity
    state: State | None
    unreadable: str | None = None


@dataclass(frozen=True)
class FoundPage:
    """What a page of a list holds, and the cursor behind it; None: the end."""

    found: tuple[Found, ...]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Reads a region's entities in threads, one page after another, until `stop` is set."""

    registry: Registry
    threads: int = THREADS
    stop: Event = field(default_factory=Event)
    sleep: Callable[[float], None] = field(default=time.sleep)

    def pages(self, kind: Kind, cursor: str | None) -> Iterator[FoundPage]:
        """Give the pages behind a cursor; what is not there any more is left out.

        The next page is read while the caller is at the one before. Raises PermanentError when AWS
        does not take the cursor, RetryableError when it wants to wait for more than a minute,
        StoppedError when it is stopped, and botocore's errors.
        """
        pages = self._pages(kind, cursor)
        with ThreadPoolExecutor(1) as ahead:
            future = ahead.submit(next, pages, None)
            while (page := future.result()) is not None:
                future = ahead.submit(next, pages, None)
                yield page

    def listed(self, kind: Kind) -> Iterator[tuple[Entity, ...]]:
        """Give the entities of a kind, page by page, without reading them; raises as `pages`."""
        cursor = None
        while True:
            page = self._page(kind, cursor)
            yield page.entities
            if page.cursor is None:
                return
            cursor = page.cursor

    def read(self, entity: Entity) -> Found | None:
        """Read one entity; None when it is not there."""
        try:
            state = patiently(lambda: self.registry.read(entity), self.sleep)
        except PermanentError as error:
            return Found(entity, None, str(error))
        return None if state is None else Found(entity, state)

    def _pages(self, kind: Kind, cursor: str | None) -> Iterator[FoundPage]:
        with ThreadPoolExecutor(self.threads) as pool:
            while True:
                page = self._page(kind, cursor)
                groups = pool.map(self._read_all, together(page.entities))
                found = tuple(each for group in groups for each in group)
                yield FoundPage(found, page.cursor)
                if page.cursor is None:
                    return
                cursor = page.cursor

    def _read_all(self, entities: Sequence[Entity]) -> list[Found]:
        # A page may take half a minute at AWS's pace, and nobody waits that long after Ctrl-C.
        if self.stop.is_set():
            raise StoppedError
        return [found for found in map(self.read, entities) if found is not None]

    def _page(self, kind: Kind, cursor: str | None) -> Page:
        return patiently(lambda: next(self.registry.entities(kind, cursor)), self.sleep)


T = TypeVar("T", Entity, Found)


def together(some: Iterable[T]) -> list[tuple[T, ...]]:
    """Keep the halves of a shadow together: one thread is to see to both."""
    return [tuple(group) for _, group in groupby(some, _whole)]


def _whole(each: Entity | Found) -> str:
    entity = each if isinstance(each, Entity) else each.entity
    return entity.key.rpartition("/")[0] if entity.kind is Kind.SHADOW else entity.key

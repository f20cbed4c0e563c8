"""Reads all entities of a kind in a region with their states, page by page."""

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
from iot_dr.operate.registry.registry_errors import retry_throttled

THREADS: Final = 8
"""The number of concurrent calls for one kind in one region."""


class StoppedError(Exception):
    """`stop` was set; what was read of the page is dropped."""


class Registry(Protocol):
    """The read methods of a region's IoT Core."""

    def read(self, entity: Entity) -> State | None:
        """Return the current state of an entity; None if it does not exist."""
        ...

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        """Yield the pages of all entities of a kind, from a cursor on."""
        ...


@dataclass(frozen=True)
class ReadEntity:
    """An existing entity with its state, or why that cannot be read."""

    entity: Entity
    state: State | None
    unreadable: str | None = None


@dataclass(frozen=True)
class EntityPage:
    """The entities of a page, and the cursor after it; None at the end."""

    entities: tuple[ReadEntity, ...]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EntityReader:
    """Reads a region's entities in threads, one page after another, until `stop` is set."""

    registry: Registry
    threads: int = THREADS
    stop: Event = field(default_factory=Event)
    sleep: Callable[[float], None] = field(default=time.sleep)

    def pages(self, kind: Kind, cursor: str | None) -> Iterator[EntityPage]:
        """Yield the pages after a cursor; deleted entities are left out.

        The next page is read while the caller handles the one before. Raises PermanentError if AWS
        refuses the cursor, RetryableError if it throttles for more than a minute, StoppedError when
        stopped, and botocore's errors.
        """
        pages = self._pages(kind, cursor)
        with ThreadPoolExecutor(1) as ahead:
            future = ahead.submit(next, pages, None)
            while (page := future.result()) is not None:
                future = ahead.submit(next, pages, None)
                yield page

    def list_pages(self, kind: Kind) -> Iterator[tuple[Entity, ...]]:
        """Yield the entities of a kind, page by page, without their states; raises as `pages`."""
        cursor = None
        while True:
            page = self._page(kind, cursor)
            yield page.entities
            if page.cursor is None:
                return
            cursor = page.cursor

    def read(self, entity: Entity) -> ReadEntity | None:
        """Return an entity with its state, or why it is unreadable; None if it does not exist."""
        try:
            state = retry_throttled(lambda: self.registry.read(entity), self.sleep)
        except PermanentError as error:
            return ReadEntity(entity, None, str(error))
        return None if state is None else ReadEntity(entity, state)

    def _pages(self, kind: Kind, cursor: str | None) -> Iterator[EntityPage]:
        with ThreadPoolExecutor(self.threads) as pool:
            while True:
                page = self._page(kind, cursor)
                groups = pool.map(self._read_all, group_shadow_halves(page.entities))
                entities = tuple(item for group in groups for item in group)
                yield EntityPage(entities, page.cursor)
                if page.cursor is None:
                    return
                cursor = page.cursor

    def _read_all(self, entities: Sequence[Entity]) -> list[ReadEntity]:
        # A page may take half a minute at AWS's rate, which is too long after Ctrl-C.
        if self.stop.is_set():
            raise StoppedError
        return [item for item in map(self.read, entities) if item is not None]

    def _page(self, kind: Kind, cursor: str | None) -> Page:
        return retry_throttled(lambda: next(self.registry.entities(kind, cursor)), self.sleep)


T = TypeVar("T", Entity, ReadEntity)


def group_shadow_halves(some: Iterable[T]) -> list[tuple[T, ...]]:
    """Group adjacent halves of a shadow, so that one thread handles both."""
    return [tuple(group) for _, group in groupby(some, _whole)]


def _whole(item: Entity | ReadEntity) -> str:
    entity = item if isinstance(item, Entity) else item.entity
    return entity.key.rpartition("/")[0] if entity.kind is Kind.SHADOW else entity.key

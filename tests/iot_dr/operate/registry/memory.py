"""A region's registry in memory, whose lists have small pages and can break off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from functions.registry.access import Page, PermanentError, RetryableError
from functions.registry.entity import Entity, Kind
from functions.registry.state import State

States = Mapping[Entity, State]


class BrokenError(Exception):
    """The process is interrupted."""


@dataclass
class MemoryRegistry:
    """Answers as RegistryAccess does; `listed` are the pages that were asked for."""

    states: States
    size: int = 2
    break_at: int | None = None
    unreadable: frozenset[Entity] = frozenset()
    busy: int = 0
    listed: list[tuple[Kind, str | None]] = field(default_factory=list[tuple[Kind, str | None]])
    epoch: str = "a"

    def read(self, entity: Entity) -> State | None:
        if self.busy:
            self.busy -= 1
            raise RetryableError("throttled")
        if entity in self.unreadable:
            raise PermanentError("no JSON")
        return self.states.get(entity)

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        entities = sorted(entity for entity in self.states if entity.kind is kind)
        while True:
            if self.break_at is not None and len(self.listed) >= self.break_at:
                raise BrokenError
            self.listed.append((kind, cursor))
            epoch, _, at = (cursor or f"{self.epoch}:0").partition(":")
            if epoch != self.epoch:
                raise PermanentError("list of things: InvalidRequestException")
            end = int(at) + self.size
            cursor = f"{self.epoch}:{end}" if end < len(entities) else None
            yield Page(tuple(entities[int(at) : end]), cursor)
            if cursor is None:
                return

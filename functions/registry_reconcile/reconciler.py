"""Compares all that a region holds with all rows, and mends what events have missed."""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Protocol

from functions.registry.capture import Capture, Rows
from functions.registry.entity import Entity, Kind
from functions.registry.item import RowError
from functions.registry.pending import Busy
from functions.registry.reason import reason_of
from functions.registry.row import Row
from functions.registry.settled import own_row, settled
from functions.registry.state import State
from functions.registry_reconcile.place import Place

_MOST_CAUSES = 5


class Page(Protocol):
    """Some entities, and the cursor with which the list goes on after them."""

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Give the entities."""
        ...

    @property
    def cursor(self) -> str | None:
        """Give the cursor; None: the end."""
        ...


class Lists(Protocol):
    """A region's IoT Core, as far as its lists are concerned."""

    def read(self, entity: Entity) -> State | None:
        """Give the state of an entity as it is now."""
        ...

    def entities(self, kind: Kind, cursor: str | None = None) -> Iterator[Page]:
        """List all entities of a kind from a cursor on, page by page."""
        ...


class Table(Rows, Protocol):
    """The table of what the regions hold, as a whole too."""

    def scan(
        self, *, after: tuple[str, str] | None, refuse: Callable[[RowError], object]
    ) -> Iterator[Row]:
        """Give all rows behind one, each entity's together, and tell `refuse` of malformed ones."""
        ...


def _counts() -> Counter[str]:
    return Counter({"Compared": 0, "Captured": 0, "Asked": 0, "Failed": 0, "Withheld": 0})


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """First captures what the lists show and no row holds, then compares each row.

    A row whose entity is gone, or that it differs from, is written anew, and what another region's
    row says and the own one has not taken over is asked for. What fails is counted and left to the
    next comparison. Before both it counts what is gone: where that is too much, as where IoT Core
    was emptied, nothing is captured as deleted, or it would be deleted everywhere.
    """

    access: Lists
    log: Table
    capture: Capture
    excluded: Container[Entity]
    ask_for: Callable[[Entity], None]
    time_is_up: Callable[[], bool]
    counts: Counter[str] = field(default_factory=_counts)
    causes: list[str] = field(default_factory=list[str])
    """Why it failed for some, each reason once."""

    def run(self, place: Place) -> Place | None:
        """Compare from a place on; give the place to go on at, or None when all is done.

        Raises what the access raises for a list, the log for the table, and `ask_for`.
        """
        if place.counting:
            place = self._counted(place)
            if place.counting:
                return place
            self._tell_withheld(place)
        kinds = list(Kind)
        begin = len(kinds) if place.kind is None else kinds.index(place.kind)
        for kind in kinds[begin:]:
            at = place if kind == place.kind else _begin(place, kind)
            stopped = self._listed(at)
            if stopped is not None:
                return stopped
        return self._rows(place if place.kind is None else _begin(place, None))

    def _counted(self, place: Place) -> Place:
        # What is malformed is told where it is compared.
        for entity, these in self._grouped(place, lambda _error: None):
            if self.time_is_up():
                return place
            own, gone = place.own, place.gone
            if own_row(these, entity, self.capture.clock.region).state is not None:
                own, gone = own + 1, gone + self._is_gone(entity)
            last = (entity.key, these[-1].region)
            place = replace(place, own=own, gone=gone, row=last)
        return replace(place, counting=False, row=None)

    def _is_gone(self, entity: Entity) -> bool:
        # As what is malformed.
        with suppress(Exception):
            return self.access.read(entity) is None
        return False

    def _tell_withheld(self, place: Place) -> None:
        if place.withheld:
            self.counts["Withheld"] = place.withheld
            self.causes.append(
                f"{place.gone} of {place.own} entities are gone: nothing is taken for deleted "
                f"until that is confirmed"
            )

    def _listed(self, place: Place) -> Place | None:
        if place.kind is None:
            return None
        for page in self.access.entities(place.kind, place.page):
            for entity in page.entities[place.done :]:
                if self.time_is_up():
                    return place
                self._attempt(entity, self._compare_listed)
                place = replace(place, done=place.done + 1)
            place = replace(place, page=page.cursor, done=0)
        return None

    def _rows(self, place: Place) -> Place | None:
        for entity, these in self._grouped(place, self._failed):
            if self.time_is_up():
                return place
            self._attempt(entity, lambda each: self._compare_rows(each, these, place))  # noqa: B023 - called at once
            place = replace(place, row=(entity.key, these[-1].region))
        return None

    def _grouped(
        self, place: Place, refuse: Callable[[RowError], object]
    ) -> Iterator[tuple[Entity, list[Row]]]:
        rows = self.log.scan(after=place.row, refuse=refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            # What is excluded reads as not there: captured so, it would be deleted elsewhere.
            if entity not in self.excluded:
                yield entity, list(group)

    def _compare_listed(self, entity: Entity) -> None:
        own = own_row(self.log.rows(entity), entity, self.capture.clock.region)
        if own.state is None:
            self._captured(entity)

    def _compare_rows(self, entity: Entity, rows: list[Row], place: Place) -> None:
        self.counts["Compared"] += 1
        own = own_row(rows, entity, self.capture.clock.region)
        if own.state is not None:
            # Apply would capture it as well.
            if place.withheld and self.access.read(entity) is None:
                return
            self._captured(entity)
        if settled(own, rows, self.capture.clock.now()) != own:
            self.ask_for(entity)
            self.counts["Asked"] += 1

    def _captured(self, entity: Entity) -> None:
        if self.capture(entity) is not None:
            self.counts["Captured"] += 1

    def _attempt(self, entity: Entity, compare: Callable[[Entity], None]) -> None:
        try:
            compare(entity)
        except Busy:
            self.ask_for(entity)
            self.counts["Asked"] += 1
        except Exception as error:  # noqa: BLE001 - one entity must not hold up all others
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.counts["Failed"] += 1
        reason = reason_of(error)
        if len(self.causes) < _MOST_CAUSES and reason not in self.causes:
            self.causes.append(reason)


def _begin(place: Place, kind: Kind | None) -> Place:
    return replace(place, kind=kind, page=None, done=0, row=None)

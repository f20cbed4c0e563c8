"""Reads the table of what the regions hold, all segments at once."""

from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from threading import Event
from typing import Final, Protocol

from functions.registry.entity import Entity
from functions.registry.item import RowError
from functions.registry.row import Row
from iot_dr.operate.registry.reading import StoppedError
from iot_dr.operate.registry.region_rows import RegionRows

_SEGMENTS: Final = 8
_CAUSES: Final = 5


class Table(Protocol):
    """A replica of the table, as far as it is scanned."""

    def scan(
        self,
        segment: int = 0,
        segments: int = 1,
        *,
        refuse: Callable[[RowError], object],
    ) -> Iterator[Row]:
        """Give the rows of a segment, each entity's together; tell `refuse` of malformed ones."""
        ...


def _no_rows() -> dict[str, RegionRows]:
    return {}


@dataclass
class TableRows:
    """What all rows tell, by region; `malformed` counts those that are none."""

    regions: dict[str, RegionRows] = field(default_factory=_no_rows)
    malformed: int = 0
    causes: list[str] = field(default_factory=list[str])

    def refuse(self, error: RowError) -> None:
        """Count a malformed row."""
        self.malformed += 1
        if len(self.causes) < _CAUSES:
            self.causes.append(str(error))

    def merge(self, other: "TableRows") -> None:
        """Add what another segment has told."""
        for region, rows in other.regions.items():
            self.regions[region].merge(rows)
        self.malformed += other.malformed
        self.causes = [*self.causes, *other.causes][:_CAUSES]


def scan_rows(
    table: Table,
    regions: Sequence[str],
    since: int,
    now: int,
    excluded: Container[Entity] = frozenset(),
) -> TableRows:
    """Read all rows as a stream; raises what the table raises.

    Those of what is excluded are from before it was, and nobody brings them in step any more.
    """
    stop = Event()

    def segment(number: int) -> TableRows:
        told = TableRows({region: RegionRows(region) for region in regions})
        rows = table.scan(number, _SEGMENTS, refuse=told.refuse)
        for entity, group in groupby(rows, lambda row: row.entity):
            if stop.is_set():
                raise StoppedError
            if entity in excluded:
                continue
            these = list(group)
            for each in told.regions.values():
                each.add(entity, these, since, now)
        return told

    whole = TableRows({region: RegionRows(region) for region in regions})
    with ThreadPoolExecutor(_SEGMENTS) as pool:
        try:
            for part in pool.map(segment, range(_SEGMENTS)):
                whole.merge(part)
        finally:
            stop.set()
    return whole

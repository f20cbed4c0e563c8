"""Compares the registries of two regions."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final, cast

from functions.registry.entity import Entity, Kind
from functions.registry.state import State, canonical_json
from iot_dr.common.plain_text import plain
from iot_dr.operate.registry.entity_reader import EntityReader, ReadEntity
from iot_dr.operate.registry.ledger import Ledger
from iot_dr.operate.registry.region_reader import UNREADABLE, OnPage, RegionReader, read_regions
from iot_dr.operate.registry.registry_errors import registry_errors
from iot_dr.operate.registry.sites import RegistryClients

_LONGEST_VALUE: Final = 120
_ABSENT: Final = object()
_EQUAL_BY_NOW: Final = "equal by now"


@dataclass(frozen=True)
class Field:
    """A differing part of a state by its dotted path, with both values if they are shown."""

    path: str
    first: str | None = None
    second: str | None = None


# The primary key has this order, so both sides of an entity are adjacent on disk.
_SIDES: Final = """
SELECT kind, key,
    max(CASE WHEN region = ? THEN hash END) AS one,
    max(CASE WHEN region = ? THEN hash END) AS other
FROM held WHERE region IN (?, ?) GROUP BY kind, key
"""
_UNREADABLE: Final = f"'{UNREADABLE}' IN (one, other)"
_COUNTS: Final = f"""
SELECT kind,
    total(one = other AND NOT {_UNREADABLE}), total(one <> other AND NOT {_UNREADABLE}),
    total(other IS NULL AND one <> '{UNREADABLE}'), total(one IS NULL AND other <> '{UNREADABLE}'),
    total(one IS '{UNREADABLE}' OR other IS '{UNREADABLE}')
FROM ({_SIDES}) GROUP BY kind
"""  # noqa: S608 - our own constants
_DIFFERING: Final = f"""
SELECT key FROM ({_SIDES}) WHERE one IS NOT other OR one = '{UNREADABLE}' LIMIT ?
"""  # noqa: S608 - as above


@dataclass(frozen=True, kw_only=True)
class EntityCounts:
    """Numbers of a kind's entities that are equal, different, or in one region only.

    `unreadable` is the number that cannot be read in at least one region.
    """

    kind: Kind
    equal: int = 0
    different: int = 0
    only_first: int = 0
    only_second: int = 0
    unreadable: int = 0

    @property
    def differing(self) -> int:
        """The number of entities that are not known to be equal."""
        return self.different + self.only_first + self.only_second + self.unreadable


@dataclass(frozen=True)
class Comparison:
    """Two regions in a ledger, side by side."""

    ledger: Ledger
    first: str
    second: str

    def counts(self) -> list[EntityCounts]:
        """Return the counts of every kind."""
        totals = {Kind(row[0]): row[1:] for row in self.ledger.rows(_COUNTS, self._regions)}
        return [_counts(kind, totals.get(kind, (0,) * 5)) for kind in Kind]

    def differing(self, most: int) -> Iterator[str]:
        """Yield the keys of entities that differ or cannot be read, at most `most`."""
        for (key,) in self.ledger.rows(_DIFFERING, (*self._regions, most)):
            yield key

    @property
    def _regions(self) -> tuple[str, ...]:
        return self.first, self.second, self.first, self.second


def _counts(kind: Kind, totals: Sequence[float]) -> EntityCounts:
    equal, different, first, second, bad = map(int, totals)
    return EntityCounts(
        kind=kind,
        equal=equal,
        different=different,
        only_first=first,
        only_second=second,
        unreadable=bad,
    )


SHOWN: Final = 20
"""The most entities whose differences are shown."""

ADMITTING: Final = tuple(kind for kind in Kind if kind is not Kind.SHADOW)
"""The kinds that decide whether a region admits a device; devices change shadows all the time."""


@dataclass(frozen=True)
class Difference:
    """An entity that differs between the regions, read a second time.

    `where` is `different`, `only REGION`, `equal by now`, or why it cannot be read.
    """

    key: str
    where: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class DiffResult:
    """The counts of every kind, and the first differences."""

    regions: tuple[str, str]
    counts: Sequence[EntityCounts]
    differences: Sequence[Difference]

    @property
    def is_equal(self) -> bool:
        """Whether both regions have the same entities."""
        return not self.differing

    @property
    def differing(self) -> int:
        """The number of entities of all kinds that are not known to be equal."""
        return sum(each.differing for each in self.counts)

    @property
    def equal_by_now(self) -> int:
        """The number of `differences` that were equal when they were read a second time."""
        return sum(each.where == _EQUAL_BY_NOW for each in self.differences)


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Reads both regions into a ledger, in parallel, and compares them there.

    If at most `most` entities differ, all of them are read a second time: they may have changed
    while hours passed between the two readings. Of more, the first that are shown.
    """

    readings: Mapping[str, EntityReader]
    ledger: Ledger
    kinds: Sequence[Kind] = tuple(Kind)
    show: bool = False
    most: int = SHOWN
    on_page: OnPage = lambda _region, _kind, _count: None
    stop: Event = field(default_factory=Event)

    def run(self) -> DiffResult:
        """Compare; raises UserError if a region cannot be read."""
        walks = [
            RegionReader(region=region, reading=reading, ledger=self.ledger, on_page=self.on_page)
            for region, reading in self.readings.items()
        ]
        read_regions(walks, self.stop, self.kinds)
        first, second = self.readings
        comparison = Comparison(self.ledger, first, second)
        keys = list(comparison.differing(self.most + 1))
        again = keys if len(keys) <= self.most else keys[:SHOWN]
        differences = [self._difference(key) for key in again]
        return DiffResult((first, second), comparison.counts(), differences)

    def _difference(self, key: str) -> Difference:
        entity = Entity.parse(key)
        entities: dict[str, ReadEntity | None] = {}
        for region, reading in self.readings.items():
            with registry_errors(region):
                entities[region] = reading.read(entity)
        for region, one_side in entities.items():
            if one_side is not None and one_side.unreadable:
                return Difference(key, f"unreadable in {region}: {one_side.unreadable}")
        existing = [region for region, one_side in entities.items() if one_side is not None]
        if len(existing) == 1:
            return Difference(key, f"only {existing[0]}")
        states = [one_side.state if one_side else None for one_side in entities.values()]
        fields = differing(entity.kind, *states, show=self.show)
        return Difference(key, "different" if fields else _EQUAL_BY_NOW, fields)


def compare(  # noqa: PLR0913 - the last three for one of the callers each
    sites: RegistryClients,
    regions: Sequence[str],
    ledger: Ledger,
    on_page: OnPage,
    *,
    kinds: Sequence[Kind] = tuple(Kind),
    show: bool = False,
    most: int = SHOWN,
) -> DiffResult:
    """Compare the registries of two regions on AWS; raises UserError if one cannot be read."""
    stop = Event()
    readings = {
        region: EntityReader(registry=sites.access(region, is_read_only=True), stop=stop)
        for region in regions
    }
    diff = Diff(
        readings=readings,
        ledger=ledger,
        kinds=kinds,
        show=show,
        most=most,
        on_page=on_page,
        stop=stop,
    )
    return diff.run()


def differing(
    kind: Kind, first: State | None, second: State | None, *, show: bool
) -> tuple[Field, ...]:
    """Return the parts that differ; with `show`, their values too, and the parts of shadows.

    A certificate's PEM is never shown, but its fingerprint is.
    """
    deep = show or kind is not Kind.SHADOW
    parts = _differing("", first or {}, second or {}, deep=deep)
    return tuple(
        Field(plain(path), _shown(path, left), _shown(path, right)) if show else Field(plain(path))
        for path, left, right in parts
    )


def _differing(
    path: str, first: Mapping[str, Any], second: Mapping[str, Any], *, deep: bool
) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(first.keys() | second.keys()):
        left, right = first.get(name, _ABSENT), second.get(name, _ABSENT)
        here = f"{path}.{name}" if path else name
        if _same(left, right):
            continue
        if deep and isinstance(left, Mapping) and isinstance(right, Mapping):
            inner = cast("Mapping[str, Any]", left), cast("Mapping[str, Any]", right)
            yield from _differing(here, *inner, deep=deep)
        else:
            yield here, left, right


def _same(left: object, right: object) -> bool:
    if left is _ABSENT or right is _ABSENT:
        return False
    return canonical_json({"": left}) == canonical_json({"": right})


def _shown(path: str, value: object) -> str:
    if value is _ABSENT:
        return "missing"
    if path == "pem":
        return f"sha256:{hashlib.sha256(str(value).encode()).hexdigest()[:16]}"
    text = plain(json.dumps(value, sort_keys=True, ensure_ascii=False))
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."

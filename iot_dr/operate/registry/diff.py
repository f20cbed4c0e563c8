"""Compares the registries of two regions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from functions.registry.entity import Entity
from iot_dr.operate.registry.comparison import Comparison, Counts
from iot_dr.operate.registry.explained import explained
from iot_dr.operate.registry.fields import Field, differing
from iot_dr.operate.registry.ledger import Ledger
from iot_dr.operate.registry.reading import Found, Reading
from iot_dr.operate.registry.walk import Told, Walk, walk_all

SHOWN: Final = 20
"""The most entities of which it is told in what they differ."""


@dataclass(frozen=True)
class Difference:
    """An entity that is not the same in both regions, as it was when it was read once more.

    `where` tells it in a word or a reason: `different`, `only REGION`, `equal by now`, or why it
    cannot be read.
    """

    key: str
    where: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class DiffResult:
    """The counts of every kind, and the first differences."""

    regions: tuple[str, str]
    counts: Sequence[Counts]
    differences: Sequence[Difference]

    @property
    def is_equal(self) -> bool:
        """Tell whether both regions hold the same."""
        return all(each.is_equal for each in self.counts)


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Reads both regions into a ledger, at once, and compares them there."""

    readings: Mapping[str, Reading]
    ledger: Ledger
    show: bool = False
    told: Told = lambda _region, _kind, _count: None
    stop: Event = field(default_factory=Event)

    def run(self) -> DiffResult:
        """Compare; raises UserError when a region cannot be read."""
        walks = [
            Walk(region=region, reading=reading, ledger=self.ledger, told=self.told)
            for region, reading in self.readings.items()
        ]
        walk_all(walks, self.stop)
        first, second = self.readings
        comparison = Comparison(self.ledger, first, second)
        differences = [self._difference(key) for key in list(comparison.differing(SHOWN))]
        return DiffResult((first, second), comparison.counts(), differences)

    def _difference(self, key: str) -> Difference:
        entity = Entity.parse(key)
        found: dict[str, Found | None] = {}
        for region, reading in self.readings.items():
            with explained(region):
                found[region] = reading.read(entity)
        for region, each in found.items():
            if each is not None and each.unreadable:
                return Difference(key, f"unreadable in {region}: {each.unreadable}")
        there = [region for region, each in found.items() if each is not None]
        if len(there) == 1:
            return Difference(key, f"only {there[0]}")
        states = [each.state if each else None for each in found.values()]
        fields = differing(entity.kind, *states, show=self.show)
        return Difference(key, "different" if fields else "equal by now", fields)

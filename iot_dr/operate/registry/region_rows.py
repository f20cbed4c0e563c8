"""What the rows of the table tell of one region."""

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.registry.entity import Entity
from functions.registry.resolution import own_row, resolved_row
from functions.registry.row import Parked, Row
from functions.registry.winner import winner

_DIGITS = 3


def _counter() -> Counter[int]:
    return Counter()


@dataclass
class Lags:
    """Counts milliseconds to three digits: a few thousand numbers, however many are added."""

    _counts: Counter[int] = field(default_factory=_counter)

    def add(self, milliseconds: int) -> None:
        """Add one; clocks that disagree may make it less than nothing, which counts as none."""
        whole = max(0, milliseconds)
        self._counts[round(whole, _DIGITS - len(str(whole)))] += 1

    def merge(self, other: "Lags") -> None:
        """Add all of another one's."""
        self._counts.update(other._counts)  # noqa: SLF001 - same class

    @property
    def count(self) -> int:
        """How many were added."""
        return self._counts.total()

    def quantile(self, part: float) -> float | None:
        """Give the seconds that this part of them took at the most; None when there are none."""
        rank = math.ceil(part * self.count)
        for milliseconds in sorted(self._counts):
            rank -= self._counts[milliseconds]
            if rank <= 0:
                return milliseconds / 1000
        return None


SHOWN = 20
"""The most parked entities that are told one by one."""


@dataclass
class RegionRows:
    """Counts over rows; `parked` has the first by key, and how many there are is `parked_count`.

    `oldest` is the milliseconds at which the oldest change was made that the region has not taken
    over yet; it was lost if all other regions were lost now.
    """

    region: str
    held: int = 0
    lags: Lags = field(default_factory=Lags)
    parked_count: int = 0
    parked: list[tuple[str, Parked]] = field(default_factory=list[tuple[str, Parked]])
    outstanding: int = 0
    oldest: int | None = None

    def add(self, entity: Entity, rows: Sequence[Row], since: int, now: int) -> None:
        """Add the rows of an entity; lags count from the milliseconds `since` on."""
        own = own_row(rows, entity, self.region)
        self.held += own.state is not None
        if own.stamp.region != self.region and own.held_at >= since:
            self.lags.add(own.held_at - own.stamp.milliseconds)
        if own.parked is not None:
            self._park([(entity.key, own.parked)], 1)
        if resolved_row(own, rows, now) != own:
            self.outstanding += 1
            new = [row.stamp.milliseconds for row in rows if not own.has_seen(row)]
            self._age(min(new, default=winner([own, *rows]).stamp.milliseconds))

    def merge(self, other: "RegionRows") -> None:
        """Add what another one has counted."""
        self.held += other.held
        self.lags.merge(other.lags)
        self._park(other.parked, other.parked_count)
        self.outstanding += other.outstanding
        if other.oldest is not None:
            self._age(other.oldest)

    def _park(self, some: Sequence[tuple[str, Parked]], count: int) -> None:
        self.parked_count += count
        self.parked = heapq.nsmallest(SHOWN, [*self.parked, *some], key=lambda each: each[0])

    def _age(self, made: int) -> None:
        self.oldest = made if self.oldest is None else min(self.oldest, made)

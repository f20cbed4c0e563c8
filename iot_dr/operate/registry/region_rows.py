"""Statistics of one region over the rows of the table."""

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


@dataclass
class LagHistogram:
    """A histogram of milliseconds, rounded to three significant digits to bound its memory."""

    _counts: Counter[int] = field(default_factory=Counter[int])

    def add(self, milliseconds: int) -> None:
        """Add a value; a negative one, from clocks that disagree, counts as 0."""
        whole = max(0, milliseconds)
        self._counts[round(whole, _DIGITS - len(str(whole)))] += 1

    def merge(self, other: "LagHistogram") -> None:
        """Add all values of another histogram."""
        self._counts.update(other._counts)  # noqa: SLF001 - same class

    @property
    def count(self) -> int:
        """The number of values."""
        return self._counts.total()

    def quantile(self, part: float) -> float | None:
        """Return the quantile for a share from 0 to 1, in seconds; None without values."""
        rank = math.ceil(part * self.count)
        for milliseconds in sorted(self._counts):
            rank -= self._counts[milliseconds]
            if rank <= 0:
                return milliseconds / 1000
        return None


MOST_LISTED = 20
"""The most parked entities that are listed."""


@dataclass
class RegionRows:
    """Counts over rows; `parked` has the first by key, and `parked_count` is the number of all.

    `oldest` is the time in milliseconds of the oldest change that the region has not applied yet;
    it would be lost if all other regions were lost now.
    """

    region: str
    entities: int = 0
    lags: LagHistogram = field(default_factory=LagHistogram)
    parked_count: int = 0
    parked: list[tuple[str, Parked]] = field(default_factory=list[tuple[str, Parked]])
    outstanding: int = 0
    oldest: int | None = None

    def add(self, entity: Entity, rows: Sequence[Row], since: int, now: int) -> None:
        """Add the rows of an entity; lags count only if applied since `since`, in milliseconds."""
        own = own_row(rows, entity, self.region)
        self.entities += own.state is not None
        if own.stamp.region != self.region and own.held_at >= since:
            self.lags.add(own.held_at - own.stamp.milliseconds)
        if own.parked is not None:
            self._park([(entity.key, own.parked)], 1)
        if resolved_row(own, rows, now) != own:
            self.outstanding += 1
            new = [row.stamp.milliseconds for row in rows if not own.has_seen(row)]
            self._age(min(new, default=winner([own, *rows]).stamp.milliseconds))

    def merge(self, other: "RegionRows") -> None:
        """Add the counts of other rows of the region."""
        self.entities += other.entities
        self.lags.merge(other.lags)
        self._park(other.parked, other.parked_count)
        self.outstanding += other.outstanding
        if other.oldest is not None:
            self._age(other.oldest)

    def _park(self, some: Sequence[tuple[str, Parked]], count: int) -> None:
        self.parked_count += count
        self.parked = heapq.nsmallest(MOST_LISTED, [*self.parked, *some], key=lambda each: each[0])

    def _age(self, milliseconds: int) -> None:
        self.oldest = milliseconds if self.oldest is None else min(self.oldest, milliseconds)

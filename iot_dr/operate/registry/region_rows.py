"""Statistics of one region over the rows of the table."""

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.registry.entity import Entity
from functions.registry.resolution import own_row, resolved_row
from functions.registry.row import DeadLetter, Row
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
"""The most dead-lettered entities that are listed."""


@dataclass
class RegionRows:
    """Counts over rows; `dead_letters` are the first by key of `dead_letter_count`.

    `oldest` is the time in milliseconds of the oldest change that the region has not applied yet;
    it would be lost if all other regions were lost now.
    """

    region: str
    entities: int = 0
    lags: LagHistogram = field(default_factory=LagHistogram)
    dead_letter_count: int = 0
    dead_letters: list[tuple[str, DeadLetter]] = field(default_factory=list[tuple[str, DeadLetter]])
    outstanding: int = 0
    oldest: int | None = None

    def add(self, entity: Entity, rows: Sequence[Row], since: int, now: int) -> None:
        """Add the rows of an entity; lags count only if applied since `since`, in milliseconds."""
        own = own_row(rows, entity, self.region)
        self.entities += own.state is not None
        if own.stamp.region != self.region and own.held_at >= since:
            self.lags.add(own.held_at - own.stamp.milliseconds)
        if own.dead_letter is not None:
            self._count([(entity.key, own.dead_letter)], 1)
        if resolved_row(own, rows, now) != own:
            self.outstanding += 1
            new = [row.stamp.milliseconds for row in rows if not own.has_seen(row)]
            self._age(min(new, default=winner([own, *rows]).stamp.milliseconds))

    def merge(self, other: "RegionRows") -> None:
        """Add the counts of other rows of the region."""
        self.entities += other.entities
        self.lags.merge(other.lags)
        self._count(other.dead_letters, other.dead_letter_count)
        self.outstanding += other.outstanding
        if other.oldest is not None:
            self._age(other.oldest)

    def _count(self, some: Sequence[tuple[str, DeadLetter]], count: int) -> None:
        self.dead_letter_count += count
        self.dead_letters = heapq.nsmallest(
            MOST_LISTED, [*self.dead_letters, *some], key=lambda each: each[0]
        )

    def _age(self, milliseconds: int) -> None:
        self.oldest = milliseconds if self.oldest is None else min(self.oldest, milliseconds)

"""Measured series: a sample of times, and a step function."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Seconds in ascending order, and the number of devices without one."""

    seconds: NDArray[np.float64]
    missing: int = 0

    @classmethod
    def of(cls, seconds: Iterable[float], missing: int = 0) -> Self:
        """Return a sample of unsorted seconds."""
        return cls(np.sort(np.fromiter(seconds, np.float64)), missing)

    def __len__(self) -> int:
        return len(self.seconds) + self.missing

    @property
    def first(self) -> float | None:
        """The shortest time; None without any."""
        return float(self.seconds[0]) if len(self.seconds) else None

    @property
    def last(self) -> float | None:
        """The longest time; None without any."""
        return float(self.seconds[-1]) if len(self.seconds) else None

    @property
    def p50(self) -> float | None:
        """The median of all devices; None if it is missing."""
        return self.within(0.5)

    @property
    def p99(self) -> float | None:
        """The 99th percentile of all devices; None if it is missing."""
        return self.within(0.99)

    def within(self, part: float) -> float | None:
        """Return the quantile of all devices for a share from 0 to 1; None if it is missing."""
        # Without the epsilon 0.99 of 500 could be 496, as 0.99 is not exact in binary.
        place = ceil(part * len(self) - 1e-9) - 1
        return float(self.seconds[place]) if 0 <= place < len(self.seconds) else None

    def count(self, at: float) -> int:
        """Return the number of times up to `at`."""
        return int(np.searchsorted(self.seconds, at, side="right"))


@dataclass(frozen=True, slots=True, eq=False)
class CountOverTime:
    """A count as a step function of time: `counts` from each of the ascending `times` on.

    It is 0 before the first time.
    """

    times: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, begins: Iterable[float], ends: Iterable[float]) -> Self:
        """Return the number of open intervals over time."""
        up, down = np.fromiter(begins, np.float64), np.fromiter(ends, np.float64)
        changes = np.concatenate([np.ones(len(up), np.int64), -np.ones(len(down), np.int64)])
        every = np.concatenate([up, down])
        times, places = np.unique(every, return_inverse=True)
        sums = np.zeros(len(times), np.int64)
        np.add.at(sums, places, changes)
        return cls(times, np.cumsum(sums))

    def at(self, time: float) -> int:
        """Return the count at a time."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return int(self.counts[place]) if place >= 0 else 0

    def each_second(self, begin: float, end: float) -> Iterator[tuple[int, int]]:
        """Yield the first second and each in which the count changed, with the count at its end."""
        before = None
        for second in range(floor(begin), floor(end) + 1):
            if (count := self.at(second + 1)) != before:
                yield second, count
                before = count

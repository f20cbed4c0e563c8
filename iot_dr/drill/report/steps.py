"""A number that changes in steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import floor
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """From each time on, in ascending order, a count holds until the next; 0 before the first."""

    times: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, begins: Iterable[float], ends: Iterable[float]) -> Self:
        """Count what has begun and has not ended."""
        up, down = np.fromiter(begins, np.float64), np.fromiter(ends, np.float64)
        changes = np.concatenate([np.ones(len(up), np.int64), -np.ones(len(down), np.int64)])
        every = np.concatenate([up, down])
        times, places = np.unique(every, return_inverse=True)
        sums = np.zeros(len(times), np.int64)
        np.add.at(sums, places, changes)
        return cls(times, np.cumsum(sums))

    def at(self, time: float) -> int:
        """Give the count that holds at a time."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return int(self.counts[place]) if place >= 0 else 0

    def each_second(self, begin: float, end: float) -> Iterator[tuple[int, int]]:
        """Give the count at the end of each whole second, where it is another than before."""
        before = None
        for second in range(floor(begin), floor(end) + 1):
            if (count := self.at(second + 1)) != before:
                yield second, count
                before = count

"""Measured series: how long devices took, and a number that changes in steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Seconds in ascending order, and for how many devices there is no end."""

    seconds: NDArray[np.float64]
    missing: int = 0

    @classmethod
    def of(cls, seconds: Iterable[float], missing: int = 0) -> Self:
        """Sort the seconds of those that came."""
        return cls(np.sort(np.fromiter(seconds, np.float64)), missing)

    def __len__(self) -> int:
        return len(self.seconds) + self.missing

    @property
    def first(self) -> float | None:
        """The shortest time; None where none has an end."""
        return float(self.seconds[0]) if len(self.seconds) else None

    @property
    def last(self) -> float | None:
        """The longest time of those that came; None where none did."""
        return float(self.seconds[-1]) if len(self.seconds) else None

    @property
    def p50(self) -> float | None:
        """Seconds within which half of them came."""
        return self.within(0.5)

    @property
    def p99(self) -> float | None:
        """Seconds within which 99 % of them came."""
        return self.within(0.99)

    def within(self, part: float) -> float | None:
        """Return the seconds within which this part came; None where it never did."""
        # 0.99 of 500 is 495, and not a device more because 0.99 is no binary fraction.
        place = ceil(part * len(self) - 1e-9) - 1
        return float(self.seconds[place]) if 0 <= place < len(self.seconds) else None

    def count(self, at: float) -> int:
        """Return how many had come by then."""
        return int(np.searchsorted(self.seconds, at, side="right"))


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
        """Return the count that holds at a time."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return int(self.counts[place]) if place >= 0 else 0

    def each_second(self, begin: float, end: float) -> Iterator[tuple[int, int]]:
        """Return the count at the end of each whole second, where it is another than before."""
        before = None
        for second in range(floor(begin), floor(end) + 1):
            if (count := self.at(second + 1)) != before:
                yield second, count
                before = count

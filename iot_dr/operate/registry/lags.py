"""How long changes took from one region into another."""

import math
from collections import Counter
from dataclasses import dataclass, field

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

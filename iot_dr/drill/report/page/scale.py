"""From values to places in a drawing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from math import ceil
from typing import Final

_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
_COUNTS: Final = tuple(digit * 10**power for power in range(8) for digit in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low` to `begin` and `high` to `end`, both in pixels, and what is between evenly."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Give the place of a value."""
        part = (value - self.low) / ((self.high - self.low) or 1)
        return self.begin + part * (self.end - self.begin)

    def seconds(self, apart: float) -> Iterator[int]:
        """Give round seconds, at least so many pixels apart."""
        return self._round(_SECONDS, apart)

    def counts(self, apart: float) -> Iterator[int]:
        """Give round numbers, at least so many pixels apart."""
        return self._round(_COUNTS, apart)

    def _round(self, steps: tuple[int, ...], apart: float) -> Iterator[int]:
        room = abs(self.end - self.begin) or 1
        wanted = apart * (self.high - self.low) / room
        step = next((each for each in steps if each >= wanted), max(1, ceil(wanted)))
        first = ceil(self.low / step)
        values = (number * step for number in range(first, first + 1000))
        return takewhile(lambda value: value <= self.high, values)

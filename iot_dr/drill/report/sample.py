"""How long devices took, those that never came included."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
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
        """Give the seconds within which this part came; None where it never did."""
        # 0.99 of 500 is 495, and not a device more because 0.99 is no binary fraction.
        place = ceil(part * len(self) - 1e-9) - 1
        return float(self.seconds[place]) if 0 <= place < len(self.seconds) else None

    def count(self, at: float) -> int:
        """Give how many had come by then."""
        return int(np.searchsorted(self.seconds, at, side="right"))

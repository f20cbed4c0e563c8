"""Hybrid logical clock: the origin of a state, in an order that all regions agree on.

cse.buffalo.edu/tech-reports/2014-04.pdf (Kulkarni et al., Logical Physical Clocks)
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# 15 digits of milliseconds reach beyond the year 30000.
_STAMP = re.compile(r"([0-9]{15})\.([0-9]{6})\.([a-z0-9-]{1,32})")
_MAX_MILLISECONDS = 10**15 - 1
_MAX_COUNTER = 10**6 - 1


class StampError(ValueError):
    """A text or numbers that do not form a stamp; the message quotes them."""


@dataclass(frozen=True, order=True)
class HybridStamp:
    """A hybrid logical timestamp: milliseconds since 1970, a counter, and the region of origin.

    Raises StampError if a number is negative or has too many digits for its text, or the region has
    characters that no region's name has.
    """

    milliseconds: int
    counter: int
    region: str

    def __post_init__(self) -> None:
        inside = 0 <= self.milliseconds <= _MAX_MILLISECONDS and 0 <= self.counter <= _MAX_COUNTER
        if not inside or _STAMP.fullmatch(str(self)) is None:
            raise StampError(f"{self} is not a stamp")

    def __str__(self) -> str:
        return f"{self.milliseconds:015d}.{self.counter:06d}.{self.region}"

    @classmethod
    def parse(cls, text: str) -> "HybridStamp":
        """Parse the text of a stamp; raises StampError. The texts sort as the stamps do."""
        match = _STAMP.fullmatch(text)
        if match is None:
            raise StampError(f"{text!r} is not a stamp")
        return cls(int(match[1]), int(match[2]), match[3])


VersionVector = Mapping[str, HybridStamp]
"""A version vector: for each region of origin the latest stamp that is known."""


def wall_clock() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class HybridClock:
    """The hybrid logical clock of a region; `now` returns milliseconds since 1970."""

    region: str
    now: Callable[[], int] = wall_clock

    def next(self, event: int | None, after: Sequence[HybridStamp]) -> HybridStamp:
        """Stamp a change at the time of its event (milliseconds), as `at` does.

        It is stamped with the current time if there is no event, or if the event is not newer than
        the stamps in `after`: then it belongs to an earlier change.
        """
        if event is None or event <= _latest(after).milliseconds:
            event = self.now()
        return self.at(event, after)

    def at(self, moment: int, after: Sequence[HybridStamp]) -> HybridStamp:
        """Stamp a change that was made at `moment` (milliseconds).

        The stamp is later than every stamp in `after`, if only by its counter. Otherwise it is not
        later than now, because the clock that dated the change may be ahead of this one.
        """
        latest, moment = _latest(after), min(moment, self.now())
        if moment > latest.milliseconds:
            return HybridStamp(moment, 0, self.region)
        if latest.counter < _MAX_COUNTER:
            return HybridStamp(latest.milliseconds, latest.counter + 1, self.region)
        return HybridStamp(latest.milliseconds + 1, 0, self.region)


def _latest(stamps: Sequence[HybridStamp]) -> HybridStamp:
    return max(stamps, default=HybridStamp(0, 0, "none"))

"""When and where a state was made, in an order that every region agrees on."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# 15 digits of milliseconds reach beyond the year 30000.
_STAMP = re.compile(r"([0-9]{15})\.([0-9]{6})\.([a-z0-9-]{1,32})")
_LAST_MILLISECOND = 10**15 - 1
_LAST_COUNTER = 10**6 - 1


class StampError(ValueError):
    """A text or numbers that make no stamp; the message quotes them."""


@dataclass(frozen=True, order=True)
class Stamp:
    """Hybrid time: milliseconds since 1970, a counter within one, and the region of origin.

    Raises StampError for what its text has no room for.
    """

    milliseconds: int
    counter: int
    region: str

    def __post_init__(self) -> None:
        inside = 0 <= self.milliseconds <= _LAST_MILLISECOND and 0 <= self.counter <= _LAST_COUNTER
        if not inside or _STAMP.fullmatch(str(self)) is None:
            raise StampError(f"{self} is no stamp")

    def __str__(self) -> str:
        return f"{self.milliseconds:015d}.{self.counter:06d}.{self.region}"

    @classmethod
    def parse(cls, text: str) -> "Stamp":
        """Read a stamp's text, which sorts as stamps do; raises StampError when it is none."""
        match = _STAMP.fullmatch(text)
        if match is None:
            raise StampError(f"{text!r} is no stamp")
        return cls(int(match[1]), int(match[2]), match[3])


Seen = Mapping[str, Stamp]
"""For each region of origin the last stamp of it that is known."""


def wall_clock() -> int:
    """Give the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Clock:
    """Makes a region's stamps."""

    region: str
    now: Callable[[], int] = wall_clock

    def next(self, event: int | None, after: Sequence[Stamp]) -> Stamp:
        """Stamp a change that an event tells of, at the event's milliseconds.

        It is stamped now when no event tells of it, or when its event is older than what it came
        after: then it is not that event's. Else as `at` does.
        """
        if event is None or event <= _last(after).milliseconds:
            event = self.now()
        return self.at(event, after)

    def at(self, moment: int, after: Sequence[Stamp]) -> Stamp:
        """Stamp a change that was made at a moment, in milliseconds.

        It is not later than now, as a clock may be ahead of this one. And it is later than all that
        it came `after`, whatever the clocks say, if only by one.
        """
        last, moment = _last(after), min(moment, self.now())
        if moment > last.milliseconds:
            return Stamp(moment, 0, self.region)
        if last.counter < _LAST_COUNTER:
            return Stamp(last.milliseconds, last.counter + 1, self.region)
        return Stamp(last.milliseconds + 1, 0, self.region)


def _last(stamps: Sequence[Stamp]) -> Stamp:
    return max(stamps, default=Stamp(0, 0, "none"))

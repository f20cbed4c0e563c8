"""A clock that also counts the time for which Lambda froze the process."""

import time
from collections.abc import Callable, Sequence


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """Seconds since the clock was made; never too few, and never back.

    Lambda freezes a process between two requests, and AWS does not say which clocks go on
    meanwhile: the monotonic one leaves suspended time out, the one since boot counts it but may
    stop with the machine, and the wall clock may be set. The largest step of all is taken. It can
    make a result too old, which costs one more probe, but never too young, which would let a
    failure pass. Sources: man 2 clock_gettime;
    docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html.
    """

    def __init__(
        self,
        sources: Sequence[Callable[[], float]] = (time.monotonic, _since_boot, time.time),
    ) -> None:
        self._sources = sources
        self._last = self._read()
        self._now = 0.0

    def now(self) -> float:
        """Give the seconds since the clock was made."""
        last, self._last = self._last, self._read()
        self._now += max(0.0, *(new - old for new, old in zip(self._last, last, strict=True)))
        return self._now

    def _read(self) -> list[float]:
        return [source() for source in self._sources]

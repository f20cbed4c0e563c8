"""A clock that counts the time for which Lambda froze the process."""

import time
from collections.abc import Callable, Sequence


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """Seconds since the clock was created; never too few, and never decreasing.

    Lambda freezes the process between invocations, and AWS does not document which clocks continue:
    CLOCK_MONOTONIC excludes suspended time, CLOCK_BOOTTIME includes it but may stop with the
    virtual machine, and the wall clock may be set. Each reading advances by the largest step of
    all. Too old a result costs one more probe; too young a result could hide a failure. man 2
    clock_gettime; docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    """

    def __init__(
        self,
        sources: Sequence[Callable[[], float]] = (time.monotonic, _since_boot, time.time),
    ) -> None:
        self._sources = sources
        self._last = self._read()
        self._now = 0.0

    def now(self) -> float:
        """Return the seconds since the clock was created."""
        last, self._last = self._last, self._read()
        self._now += max(0.0, *(new - old for new, old in zip(self._last, last, strict=True)))
        return self._now

    def _read(self) -> list[float]:
        return [source() for source in self._sources]

"""The deadline of a probe."""

import time
from collections.abc import Callable


class Deadline:
    """A deadline `limit` seconds from now, shared by all steps of a probe.

    `now` returns seconds since any start and never goes back.
    """

    def __init__(self, limit: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = now() + limit

    def remaining(self) -> float:
        """Return the remaining seconds; raises TimeoutError if there are none."""
        remaining = self._end - self._now()
        if remaining <= 0:
            raise TimeoutError
        return remaining

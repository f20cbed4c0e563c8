"""The moment at which a probe must have its answer."""

import time
from collections.abc import Callable


class Deadline:
    """A number of seconds from now, however many steps share them.

    `now` tells seconds from any start and never goes back.
    """

    def __init__(self, limit: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = now() + limit

    def left(self) -> float:
        """Give the seconds that are left; raises TimeoutError when there are none."""
        left = self._end - self._now()
        if left <= 0:
            raise TimeoutError
        return left

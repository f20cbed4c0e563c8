"""Calls to AWS IoT no oftener than its quotas allow."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from iot_dr.operate.registry.quotas import quota

SHARE: Final = 0.8
"""The part of a default quota that is used; the rest is left to devices and functions."""


class Pace:
    """Holds the calls to one region back, each API by itself; for any number of threads.

    `rate` is calls a second of each API, or None for a part of AWS's default quota of it.
    """

    def __init__(
        self,
        rate: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, operation: str) -> None:
        """Wait until an operation such as `ListThings` may be called."""
        name, default = quota(operation)
        pause = 1 / (self._rate or SHARE * default)
        with self._lock:
            now = self._clock()
            begin = max(now, self._next.get(name, now))
            self._next[name] = begin + pause
        if begin > now:
            self._sleep(begin - now)

    def hold(self, client: Any) -> None:  # noqa: ANN401 - boto3 has no types
        """Hold back every request of a boto3 client, those that it sends again included."""
        # First, as a handler that answers by itself, such as an emulator's, ends the round.
        client.meta.events.register_first("before-send", self._before)

    def _before(self, event_name: str, **_request: object) -> None:
        self.wait(event_name.rpartition(".")[2])

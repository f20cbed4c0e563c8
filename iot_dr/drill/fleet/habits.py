"""Behavior of a device's client code."""

from dataclasses import dataclass
from typing import Final

_MOST_DOUBLINGS: Final = 60
"""Doublings after which a back-off is longer than any ceiling; a float overflows after 1,023."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Parameters of a device's MQTT client; times are in rehearsed seconds.

    A device publishes a message with QoS 1 every `period`. Offline it keeps the last `buffer`
    messages. After `keep_alive` without data it sends a ping, and aborts the link after another
    `ping_timeout`. A connect times out after `connect_timeout`. Before the next attempt it waits a
    random part of `backoff`, which doubles with each failure up to `ceiling` (full jitter).
    """

    period: float = 10
    buffer: int = 6
    keep_alive: float = 30
    ping_timeout: float = 10
    connect_timeout: float = 30
    backoff: float = 1
    ceiling: float = 30

    def longest_wait(self, failures: int) -> float:
        """Return the longest back-off in seconds after consecutive failures."""
        return min(self.ceiling, self.backoff * 2.0 ** min(failures, _MOST_DOUBLINGS))

    @property
    def saturation(self) -> int:
        """Consecutive failures at which the back-off reaches its ceiling."""
        longest = self.longest_wait(_MOST_DOUBLINGS)
        return next(n for n in range(_MOST_DOUBLINGS + 1) if self.longest_wait(n) == longest)

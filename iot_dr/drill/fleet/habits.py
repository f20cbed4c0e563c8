"""How a device behaves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a device's own code decides, in rehearsed seconds.

    It publishes a message of QoS 1 each `period`, keeps as many as `buffer` while it is offline and
    then drops the oldest, sends a ping after `keep_alive` without hearing anything and gives the
    link up when it has heard nothing for `ping_timeout` more, and gives a connect up after
    `connect_timeout`. Before it tries again it waits a random part of `backoff`, which doubles at
    each failure up to `ceiling`.
    """

    period: float = 10
    buffer: int = 6
    keep_alive: float = 30
    ping_timeout: float = 10
    connect_timeout: float = 30
    backoff: float = 1
    ceiling: float = 30

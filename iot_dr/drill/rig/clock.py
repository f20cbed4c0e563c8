"""Rehearsed time: real time multiplied by the drill's speed."""

import asyncio
import time


class RigClock:
    """Clock in rehearsed seconds since `origin`; `speed` of them pass per second of real time.

    Settings need no conversion: all times of the drill are rehearsed seconds. `origin` is a
    monotonic time of this machine, which synchronizes the clocks of several processes.
    """

    def __init__(self, speed: float, origin: float | None = None) -> None:
        self.speed = speed
        self.origin = time.monotonic() if origin is None else origin

    def now(self) -> float:
        """Return the rehearsed seconds since the origin."""
        return (time.monotonic() - self.origin) * self.speed

    def wall(self, seconds: float) -> float:
        """Return rehearsed seconds as seconds of real time."""
        return seconds / self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for some rehearsed seconds."""
        await asyncio.sleep(self.wall(seconds))

"""Rehearsed time: the machine's, a number of times faster."""

import asyncio
import time


class Clock:
    """Tells rehearsed seconds since it was made; `speed` of them pass in one second of the machine.

    All of the drill's settings stay in real seconds, and nothing else knows the speed. `origin` is
    the machine's monotonic time at 0, by which the clocks of several processes agree.
    """

    def __init__(self, speed: float, origin: float | None = None) -> None:
        self.speed = speed
        self.origin = time.monotonic() if origin is None else origin

    def now(self) -> float:
        """Return the rehearsed seconds since the origin."""
        return (time.monotonic() - self.origin) * self.speed

    def wall(self, seconds: float) -> float:
        """Return the machine's seconds in which so many rehearsed ones pass."""
        return seconds / self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait for so many rehearsed seconds."""
        await asyncio.sleep(self.wall(seconds))

"""Event loops with a time of their own: that of the world, at a speed or as fast as possible."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any

from iot_dr.drill.rig.clock import RigClock


class _Leaping(selectors.SelectSelector):
    """Never waits: advances the time instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Advance the time by the timeout."""
        result = super().select(0)
        if timeout and not result:
            self.passed += timeout
        return result


class _Scaled(selectors.DefaultSelector):
    """Waits for a timeout of the world's seconds."""

    speed = 1.0
    origin = 0.0

    @property
    def passed(self) -> float:
        return (time.monotonic() - self.origin) * self.speed

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for at most the timeout divided by the speed."""
        return super().select(None if timeout is None else timeout / self.speed)


class _WorldLoop(asyncio.SelectorEventLoop):
    """Its time, in seconds of the world, begins with 0."""

    def __init__(self, selector: _Leaping | _Scaled) -> None:
        self._leaping = selector
        super().__init__(selector)

    def time(self) -> float:
        """Return the seconds of the world since the loop was made."""
        return self._leaping.passed


class VirtualClock(RigClock):
    """The clock of a loop whose time is the world's."""

    def __init__(self) -> None:
        super().__init__(1)

    def now(self) -> float:
        """Return the time of the running loop."""
        return asyncio.get_running_loop().time()


def in_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end in its own loop, in which tasks may wait only for timers."""
    with asyncio.Runner(loop_factory=lambda: _WorldLoop(_Leaping())) as runner:
        runner.run(main)


def at_speed(main: Coroutine[Any, Any, None], speed: float) -> None:
    """Run to the end in its own loop, in which `speed` seconds pass in each second."""
    selector = _Scaled()
    selector.speed, selector.origin = speed, time.monotonic()
    with asyncio.Runner(loop_factory=lambda: _WorldLoop(selector)) as runner:
        runner.run(main)

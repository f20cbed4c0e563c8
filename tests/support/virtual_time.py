"""Event loops whose time advances as soon as all tasks wait."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from iot_dr.drill.rig.clock import Clock


class _Leaping(selectors.SelectSelector):
    """Never waits: advances the time instead."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        result = super().select(0)
        if timeout and not result:
            self.passed += timeout
        return result


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leaping = _Leaping()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.passed


class VirtualClock(Clock):
    """The clock of a loop with virtual time."""

    def __init__(self) -> None:
        super().__init__(1)

    def now(self) -> float:
        return asyncio.get_running_loop().time()


def in_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end in its own loop, in which tasks may wait only for timers."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        runner.run(main)

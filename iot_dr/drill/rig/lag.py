"""The delay of a process of the drill: a machine that is too busy distorts the figures."""

import asyncio
from typing import Final

from iot_dr.drill.rig.clock import RigClock

_STEP: Final = 0.02
_WORST: Final = 0.99


class EventLoopLag:
    """Delay of this process's event loop, sampled every 20 ms."""

    def __init__(self, clock: RigClock) -> None:
        self._clock = clock
        self._late: list[float] = []

    async def watch(self) -> None:
        """Sample the delay until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _STEP
            await asyncio.sleep(_STEP)
            self._late.append(loop.time() - due)

    def worst(self) -> float:
        """Return the 99th percentile of the delay in rehearsed seconds."""
        if not self._late:
            return 0.0
        late = sorted(self._late)
        return late[int(_WORST * (len(late) - 1))] * self._clock.speed

"""How late a process is for what it has to do, which tells of a machine that is too busy."""

import asyncio

from iot_dr.drill.clock import Clock

_STEP = 0.02
_WORST = 0.99


class Lag:
    """Asks to be woken, again and again, and notes by how much it is too late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: list[float] = []

    async def watch(self) -> None:
        """Note it until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _STEP
            await asyncio.sleep(_STEP)
            self._late.append(loop.time() - due)

    def worst(self) -> float:
        """Give the rehearsed seconds that 1 % of the times were later than."""
        if not self._late:
            return 0.0
        late = sorted(self._late)
        return late[int(_WORST * (len(late) - 1))] * self._clock.speed

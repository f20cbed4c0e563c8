"""The fleet, as the drill sees it: devices in processes of their own."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

from iot_dr.common.user_error import UserError
from iot_dr.drill.fleet.descriptors import refuse_too_many
from iot_dr.drill.fleet.fleet_config import FleetConfig, FleetOrder
from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.process.module_child import ModuleChild

_MODULE: Final = "iot_dr.drill.fleet.fleet_process"
_PATIENCE: Final = 30.0
_ROUNDS: Final = 2


class FleetError(UserError):
    """The devices did not all connect, or one of them failed in a way that no device should."""


class Fleet:
    """Devices of one configuration, as an async context manager; they begin to connect at once.

    `processes` share them evenly. `died` becomes a sentence when one of these ends though nobody
    asked for it, or finds a fault in itself. Entering raises TooFewDescriptorsError where so many
    devices cannot be connected on this machine.
    """

    def __init__(self, config: FleetConfig, processes: int = 1) -> None:
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._config = config
        self._changed = asyncio.Event()
        self._told: list[Mapping[str, int]] = [{} for _ in range(processes)]
        self._refusals: list[Mapping[str, int]] = [{} for _ in range(processes)]
        self._logbook = Logbook()
        self._is_stopped = False
        self._children = [ModuleChild(_MODULE, partial(self._take, n)) for n in range(processes)]

    async def __aenter__(self) -> Self:
        refuse_too_many(self._config.devices)
        step = len(self._children)
        rate = self._config.connect_rate / step
        try:
            for first, child in enumerate(self._children):
                part = {"first": first, "step": step, "connect_rate": rate}
                await child.start(self._config.model_copy(update=part))
                child.died.add_done_callback(lambda died: self._die(died.result()))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    @property
    def counts(self) -> Counter[str]:
        """How many devices are connected, by region, a tenth of a second ago at most."""
        total: Counter[str] = Counter()
        for told in self._told:
            total.update(told)
        return total

    async def connected(self) -> None:
        """Wait until all devices are connected.

        Raises FleetError with the causes when some cannot in two rounds of trying and waiting.
        """
        habits, speed = self._config.habits, self._config.time.speed
        ramp = self._config.devices / self._config.connect_rate
        limit = ramp + _PATIENCE + _ROUNDS * (habits.connect_timeout + habits.ceiling) / speed
        try:
            async with asyncio.timeout(limit):
                while self.counts.total() < self._config.devices:
                    self._changed.clear()
                    await self._changed.wait()
                    if self.died.done():
                        raise FleetError(self.died.result())
        except TimeoutError:
            raise FleetError(self._missing(limit)) from None

    async def stop(self) -> Logbook:
        """End the devices, give what they noted; raises ModuleChildError where they do not end.

        What a process noted that ended by itself is lost.
        """
        if not self._is_stopped:
            self._is_stopped = True
            order = FleetOrder(action="stop")
            running = (child for child in self._children if child.is_running)
            await asyncio.gather(*(child.tell(order) for child in running))
        return self._logbook

    def _missing(self, limit: float) -> str:
        refusals: Counter[str] = Counter()
        for told in self._refusals:
            refusals.update(told)
        causes = ", ".join(f"{cause} ({count} times)" for cause, count in refusals.most_common(3))
        return (
            f"{self.counts.total()} of {self._config.devices} devices are connected after "
            f"{limit:.0f} s; the others met: {causes or 'no answer at all'}"
        )

    async def _end(self) -> None:
        await asyncio.gather(*(child.end() for child in self._children))

    def _take(self, process: int, line: dict[str, Any]) -> None:
        if "problem" in line:
            self._die(f"a device failed: {line['problem']}")
        elif "counts" in line:
            self._told[process], self._refusals[process] = line["counts"], line["refusals"]
            self._changed.set()
        else:
            self._logbook.take(line)

    def _die(self, why: str) -> None:
        if not self._is_stopped and not self.died.done():
            self.died.set_result(why)
            self._changed.set()

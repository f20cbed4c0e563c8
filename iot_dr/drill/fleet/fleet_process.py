"""Process of devices: reads a FleetConfig and a stop request, then sends the logbook.

Until then it sends the number of connected devices by region and the failed connects, whenever
they change.
"""

import asyncio
import random
import ssl
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final

import uvloop

from iot_dr.drill.fleet.device import Device, DeviceContext
from iot_dr.drill.fleet.fleet_config import FleetConfig, FleetRequest
from iot_dr.drill.fleet.logbook import Logbook
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.resolver import CachingResolver
from iot_dr.drill.rig.dns.upstream import Upstream, open_upstream
from iot_dr.drill.rig.lag import EventLoopLag
from iot_dr.drill.rig.requests import Requests, run, send_to_parent

_TICK: Final = 0.02
_REPORT_INTERVAL: Final = 0.1


class DevicePool:
    """All devices of this process."""

    def __init__(self, config: FleetConfig, upstream: Upstream) -> None:
        self.logbook = Logbook()
        self._config, self._upstream = config, upstream
        self._clock = RigClock(config.time.speed, config.time.origin)
        self._lag = EventLoopLag(self._clock)
        tls = ssl.create_default_context(cafile=config.roots)
        tls.load_cert_chain(config.certificate.certificate, config.certificate.key)
        self._around = DeviceContext(
            clock=self._clock,
            habits=config.habits,
            addresses=config.addresses,
            environment=config.environment,
            name=config.name,
            tls=tls,
        )
        self._counts: Counter[str] = Counter()
        self._shared = [CachingResolver(upstream, self._clock) for _ in range(config.shared_caches)]
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Start the devices, `connect_rate` per second."""
        for number, resolver in enumerate(self._shared):
            phases = random.Random(f"{self._config.seed}/cache/{number}")  # noqa: S311 - no secret
            self._spawn(resolver.keep_warm(self._config.name, phases))
        self._spawn(self._ramp())
        self._spawn(self._report_counts())
        self._spawn(self._lag.watch())

    async def end(self) -> None:
        """Stop the devices; they send DISCONNECT."""
        self.logbook.lag = self._lag.worst()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ramp(self) -> None:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for number in range(self._config.devices):
            while number > (loop.time() - begin) * self._config.connect_rate:
                await asyncio.sleep(_TICK)
            self._spawn(self._device(number).run())

    def _device(self, number: int) -> Device:
        draws = random.Random(f"{self._config.seed}/{number}")  # noqa: S311 - no secret
        resolver = (
            self._shared[number % len(self._shared)]
            if self._shared
            else CachingResolver(self._upstream, self._clock)
        )
        return Device(number, self._around, resolver, draws, self.logbook, self._count)

    def _count(self, region: str, change: int) -> None:
        self._counts[region] += change

    async def _report_counts(self) -> None:
        last: tuple[dict[str, int], dict[str, int]] | None = None
        while True:
            now = dict(self._counts), dict(self.logbook.refusals)
            if last != now:
                last = now
                send_to_parent(counts=now[0], refusals=now[1])
            await asyncio.sleep(_REPORT_INTERVAL)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            send_to_parent(problem=f"{type(error).__name__}: {error}")


async def _serve(orders: Requests) -> None:
    async with AsyncExitStack() as stack:
        crowds: list[DevicePool] = []

        async def begin(config: FleetConfig) -> None:
            server = config.addresses.dns, config.addresses.domain
            clock = RigClock(config.time.speed, config.time.origin)
            upstream = await stack.enter_async_context(open_upstream(server, clock))
            crowds.append(DevicePool(config, upstream))
            crowds[0].begin()

        async def act(_order: FleetRequest) -> None:
            await crowds[0].end()
            for line in crowds[0].logbook.lines():
                send_to_parent(**line)

        if await orders.handle_next(FleetConfig, begin) and crowds:
            await orders.handle_next(FleetRequest, act)


if __name__ == "__main__":
    run(_serve, uvloop.new_event_loop)

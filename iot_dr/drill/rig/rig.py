"""Everything that runs in a rehearsal, so that outages can get at it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from iot_dr.drill.fleet.consumer import Consumer, Ledger
from iot_dr.drill.fleet.fleet import Fleet
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import Clock
from iot_dr.drill.rig.dns.dns_server import DnsServer
from iot_dr.drill.rig.dns.route53 import Route53
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.region_config import Identity
from iot_dr.drill.rig.region.region_server import RegionServer
from iot_dr.drill.rig.region.relay import Relay
from iot_dr.drill.rig.world.world import World

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
        """Return the rehearsed seconds that 1 % of the times were later than."""
        if not self._late:
            return 0.0
        late = sorted(self._late)
        return late[int(_WORST * (len(late) - 1))] * self._clock.speed


@dataclass(kw_only=True)
class Rig:
    """What stands on this machine for an environment.

    `valid` and `expired` are certificates of the device name and the regional names. `relays` are
    there where an outage slows down, one for each region. `decision` becomes the watcher's first,
    where the world has one. Each of `deaths` becomes a sentence when a process, or what runs beside
    the rehearsal, ends though nobody asked for it; `failed` is the one of them for what an outage
    does later. `on_answer` is told the region that DNS leads to from now on.
    """

    world: World
    clock: Clock
    addresses: Addresses
    valid: Identity
    expired: Identity
    brokers: Mapping[str, Broker]
    servers: Mapping[str, RegionServer]
    relays: Mapping[str, Relay]
    route53: Route53
    dns: DnsServer
    cloudwatch: CloudWatch
    consumers: Sequence[Consumer]
    ledger: Ledger
    fleet: Fleet
    decision: asyncio.Future[str]
    deaths: Sequence[asyncio.Future[str]]
    failed: asyncio.Future[str]
    on_answer: Callable[[str], None]
    lag: Lag
    _later: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the rehearsal; it is cancelled when that ends.

        What it raises is a death.
        """
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)

        def tell(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled() and (error := ended.exception()) and not self.failed.done():
                self.failed.set_result(f"{type(error).__name__}: {error}")

        task.add_done_callback(tell)

    async def switch(self, region: str, action: Literal["away", "back"]) -> None:
        """Put a region's switch, as an operator would; does nothing where no record asks it."""
        for alarm in self.world.alarms.values():
            if alarm.dimensions.get("Region") == region:
                await self.cloudwatch.put(alarm.id, action)

    def thaw_dns(self) -> None:
        """Let the name server tell again what Route 53 holds."""
        self.dns.thaw()
        self.on_answer(self.route53.region)

    async def end_later(self) -> None:
        """Cancel what was to be done beside the rehearsal."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

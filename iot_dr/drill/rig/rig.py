"""The running parts of a rehearsal, which outages change."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iot_dr.drill.fleet.consumer import MessageLedger, RegionConsumer
from iot_dr.drill.fleet.fleet import Fleet
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.dns_server import DnsServer
from iot_dr.drill.rig.dns.route53 import Route53
from iot_dr.drill.rig.lag import EventLoopLag
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.region_server import RegionServer
from iot_dr.drill.rig.region.relay import Relay
from iot_dr.drill.rig.world.world import World
from iot_dr.observe.switch.metric import Action


@dataclass(kw_only=True)
class Rig:
    """The parts that run on this machine in place of an environment.

    `valid` and `expired` are certificates of the device name and the regional names. `relays` exist
    only for outages that slow a region down. `decision` becomes the watcher's first one, if the
    world has a watcher. Each of `deaths` becomes a sentence if a process or background task ends
    unexpectedly; `failed` is the one of the outage's own background tasks. `on_answer` receives the
    region that DNS answers from now on, `on_switch` an operator's put of a region's switch, and
    `on_failure` a region that fails after the first one.
    """

    world: World
    clock: RigClock
    addresses: Addresses
    valid: Identity
    expired: Identity
    brokers: Mapping[str, Broker]
    servers: Mapping[str, RegionServer]
    relays: Mapping[str, Relay]
    route53: Route53
    dns: DnsServer
    cloudwatch: CloudWatch
    consumers: Sequence[RegionConsumer]
    ledger: MessageLedger
    fleet: Fleet
    decision: asyncio.Future[str]
    deaths: Sequence[asyncio.Future[str]]
    failed: asyncio.Future[str]
    on_answer: Callable[[str], None]
    on_switch: Callable[[str, Action], None]
    on_failure: Callable[[str], None]
    lag: EventLoopLag
    lost_alarm_regions: set[str] = field(default_factory=set[str])
    """Regions whose CloudWatch accepts no operator's put."""
    _later: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work concurrently with the rehearsal; it is cancelled at the end.

        If it raises, `failed` is set and the rehearsal ends.
        """
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)

        def report(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled() and (error := ended.exception()) and not self.failed.done():
                self.failed.set_result(f"{type(error).__name__}: {error}")

        task.add_done_callback(report)

    async def switch(self, region: str, action: Action) -> None:
        """Put the metric of a region's switch in its alarm regions, if a record depends on it."""
        for alarm in self.world.switches(region):
            if alarm.region not in self.lost_alarm_regions:
                await self.cloudwatch.put(alarm.id, action)
                self.on_switch(region, action)

    def remove_lost_alarm_regions(self, region: str) -> None:
        """Let Route 53 no longer evaluate a region's switch in lost alarm regions.

        That is `switch back --without`, which leaves the other switches of an alarm region as they
        are.
        """
        for alarm in self.world.switches(region):
            if alarm.region in self.lost_alarm_regions:
                self.route53.remove_alarm(alarm.id)

    def is_switched_away(self, region: str) -> bool:
        """Whether the alarm of a region's switch is in ALARM."""
        return self.cloudwatch.is_in_alarm(self.world.switches(region))

    def resume_dns(self) -> None:
        """Let the name server return Route 53's current records again."""
        self.dns.thaw()
        self.on_answer(self.route53.region)

    async def cancel_background(self) -> None:
        """Cancel the background work."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

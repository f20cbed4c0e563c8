"""A small fleet on real brokers, with a device name that a test directs to a region."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from environments.blocks import Recovery
from iot_dr.drill.fleet.consumer import MessageLedger, RegionConsumer
from iot_dr.drill.fleet.fleet import Fleet
from iot_dr.drill.fleet.fleet_config import FleetConfig
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.logbook import Logbook, Sent
from iot_dr.drill.recording import Messages
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.dns_server import serve_dns
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.region_config import TimeConfig
from iot_dr.drill.rig.world.world import RegionSite, World
from iot_dr.route53.record import Record
from tests.support.drill import ZONE, regions

NAME = f"mqtt.{ZONE}"


@dataclass
class Stage:
    """Brokers with a consumer each, and a device name that resolves to the region `leads_to`."""

    authority: Authority
    addresses: Addresses
    brokers: Mapping[str, Broker]
    clock: RigClock
    leads_to: str
    ledger: MessageLedger = field(default_factory=MessageLedger)
    consumers: list[RegionConsumer] = field(default_factory=list[RegionConsumer])

    def fleet(self, devices: int, *, habits: Habits, seed: int = 1) -> Fleet:
        config = FleetConfig(
            time=TimeConfig(speed=self.clock.speed, origin=self.clock.origin),
            habits=habits,
            addresses=self.addresses,
            environment="dev",
            name=NAME,
            roots=self.authority.roots,
            certificate=self.authority.client("fleet"),
            devices=devices,
            seed=seed,
            connect_rate=200,
        )
        return Fleet(config)

    def received(self, *devices: int) -> Messages:
        """Count the messages that consumers have received of some devices."""
        return self.ledger.messages({device: Sent() for device in devices})

    async def settled(self, fleet: Fleet) -> tuple[Logbook, Messages]:
        """End the fleet; return its log and the fate of its messages."""
        noted = await fleet.stop()
        await asyncio.gather(*(each.drained() for each in self.consumers))
        return noted, self.ledger.messages(noted.sent)


@asynccontextmanager
async def stage(
    folder: Path, *names: str, speed: float, ttl: int = 60, knows_devices: bool = True
) -> AsyncGenerator[Stage]:
    """Start regions, their consumers and DNS; the device name resolves to the first region."""
    async with (
        regions(folder, *names, knows_devices=knows_devices) as made,
        AsyncExitStack() as stack,
    ):
        addresses = made.addresses
        clock = RigClock(speed)
        set_up = Stage(made.authority, addresses, made.brokers, clock, names[0])
        owns = {_own(name): Record(name=_own(name), targets=("aws",), ttl=ttl) for name in names}
        records = {
            name: {NAME: Record(name=NAME, targets=(_own(name),), ttl=ttl)} | owns for name in names
        }
        await stack.enter_async_context(
            serve_dns(
                _world(names),
                addresses.hosts,
                lambda: records[set_up.leads_to],
                (addresses.dns, addresses.domain),
            )
        )
        for name in names:
            consumer = RegionConsumer(name, addresses, "dev", set_up.ledger)
            set_up.consumers.append(await stack.enter_async_context(consumer))
            await consumer.subscribed()
        yield set_up


def _own(region: str) -> str:
    return f"mqtt-{region}.{ZONE}"


def _world(names: tuple[str, ...]) -> World:
    sites = tuple(
        RegionSite(
            region=name,
            regional_name=_own(name),
            served_names=frozenset({NAME, _own(name)}),
            knows_devices=True,
            canary=None,
        )
        for name in names
    )
    return World(
        environment="dev",
        device_name=NAME,
        zone_name=ZONE,
        sites=sites,
        records=(),
        checks={},
        alarms={},
        watchers=(),
        recovery=Recovery(),
    )

"""What each kind of outage breaks in a region of real parts, and that its end restores it.

Whole rehearsals of all kinds are in test_rehearsal.py.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from functions.contract import CANARY_AGE
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link
from iot_dr.drill.fleet.packet import Packet
from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.play.partial_rig import rig_of
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.dns.probe import HealthCheckProber
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.relay import Relay
from iot_dr.drill.rig.rig import Rig
from tests.support.drill import ZONE, client_context, needs_mosquitto
from tests.support.drill_cloud import (
    PRIMARY,
    SHALLOW,
    STANDBY,
    Standing,
    lasting,
    standing,
    until,
)
from tests.support.drill_worlds import world
from tests.support.settings import settings, with_data

pytestmark = needs_mosquitto

SPEED = 10
SETTINGS = with_data(settings())
LIMIT = 30


@dataclass(frozen=True)
class State:
    """What is seen of a region.

    Whether the deep check and the TCP check pass, whether a device's link lives, has ended or is
    silent, and whether a device can connect.
    """

    deep: bool
    tcp: bool
    link: str
    connects: bool


WELL = State(deep=True, tcp=True, link="lives", connects=True)
GONE = State(deep=False, tcp=False, link="ended", connects=False)
REFUSING = State(deep=False, tcp=True, link="ended", connects=False)
MISJUDGED = State(deep=False, tcp=True, link="lives", connects=True)

EFFECTS = {
    **dict.fromkeys(["kill", "both", "control-plane"], GONE),
    **dict.fromkeys(["expired", "authorization"], REFUSING),
    **dict.fromkeys(["canary", "slow"], MISJUDGED),
    "device-policy": State(deep=True, tcp=True, link="ended", connects=False),
    "freeze": State(deep=False, tcp=True, link="silent", connects=False),
    "switch": WELL,
}


class Link:
    """A device's link to the primary."""

    def __init__(self) -> None:
        self._pongs = asyncio.Queue[Packet]()
        self._link: MqttLink | None = None

    async def open(self, stands: Standing) -> None:
        """Connect; raises BrokerError, or the OSError that the connection ended with."""
        authority = stands.authority
        self._link = await open_link(
            stands.cloud.endpoint(PRIMARY, "mqtt"),
            packet.connect("thing-1", 30),
            self._pongs.put_nowait,
            tls=(client_context(authority, authority.client("thing-1")), f"mqtt.{ZONE}"),
            timeout=1,
        )

    async def state(self) -> str:
        """Ask for a sign of life."""
        assert self._link
        self._link.send(packet.PINGREQ)
        pong = asyncio.ensure_future(self._pongs.get())
        await asyncio.wait([pong, self._link.closed], timeout=1, return_when="FIRST_COMPLETED")
        pong.cancel()
        if self._link.closed.done():
            return "ended"
        return "lives" if pong.done() else "silent"

    def close(self) -> None:
        """Close it."""
        if self._link:
            self._link.abort("the test is over")


@dataclass(frozen=True)
class Region:
    """A rig without a fleet, and what checkers and devices see of its primary."""

    rig: Rig
    stands: Standing
    prober: HealthCheckProber

    async def is_well(self) -> bool:
        (deep,) = [each for each in self.rig.world.checks.values() if each.id.endswith(".deep")]
        return await self.prober.probe(deep)

    async def is_unwell(self) -> bool:
        return not await self.is_well()

    async def state(self, link: Link, *, deep: bool) -> State:
        """See it once the canary has found `deep`, and knows nothing older than the outage."""
        await self.rig.clock.sleep(CANARY_AGE)
        await until(self.is_well if deep else self.is_unwell)
        return State(
            deep=deep,
            tcp=await self.prober.probe(SHALLOW),
            link=await link.state(),
            connects=await self.connects(),
        )

    async def standby_is_gone(self) -> bool:
        host = self.rig.world.site(STANDBY).regional_name
        return not await self.prober.probe(replace(SHALLOW, region=STANDBY, host=host))

    async def is_switched_away(self) -> bool:
        alarms = self.rig.world.alarms.values()
        (alarm,) = (each.id for each in alarms if each.dimensions["Region"] == PRIMARY)
        return self.rig.cloudwatch.states[alarm] == "ALARM"

    async def has_a_slow_relay(self) -> bool:
        relay = self.rig.relays[PRIMARY]
        return relay.latency > 0 and relay.rate is not None

    async def has_no_api(self) -> bool:
        endpoint = urlsplit(self.rig.cloudwatch.endpoint)
        try:
            _, writer = await asyncio.open_connection(endpoint.hostname, endpoint.port)
        except ConnectionRefusedError:
            return True
        writer.close()
        return False

    async def connects(self) -> bool:
        link = Link()
        try:
            await link.open(self.stands)
        except (OSError, BrokerError):
            return False
        finally:
            link.close()
        return True


ALSO = {
    "both": Region.standby_is_gone,
    "control-plane": Region.has_no_api,
    "slow": Region.has_a_slow_relay,
    "switch": Region.is_switched_away,
}


@asynccontextmanager
async def region(folder: Path) -> AsyncGenerator[Region]:
    design = world(SETTINGS)
    async with standing(folder, SPEED, PRIMARY, STANDBY, world=design) as stands:
        clock = stands.cloud.clock
        # Its periods of a minute are none of the outages' business.
        cloudwatch = CloudWatch(
            SETTINGS, design.alarms, RigClock(60 * SPEED), "127.0.0.1", lambda _alarm, _state: None
        )
        await cloudwatch.start()
        alarms = asyncio.ensure_future(cloudwatch.run())
        rig = rig_of(
            world=design,
            clock=clock,
            valid=stands.valid,
            expired=stands.expired,
            brokers=stands.brokers,
            servers=stands.servers,
            relays={
                PRIMARY: Relay(clock, ("127.0.0.1", 0), stands.cloud.endpoint(PRIMARY, "mqtt"))
            },
            cloudwatch=cloudwatch,
            on_switch=_ignore,
        )
        try:
            yield Region(rig, stands, HealthCheckProber(stands.cloud))
        finally:
            alarms.cancel()
            await cloudwatch.stop()


def _ignore(_region: str, _action: str) -> None:
    """Ignore a put of a switch."""


async def _is_not(asked: Callable[[], Awaitable[bool]]) -> bool:
    return not await asked()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Region, asyncio.Runner]]:
    with lasting(region(tmp_path_factory.mktemp("region"))) as made:
        yield made


@pytest.mark.parametrize("kind", EFFECTS)
def test_an_outage_breaks_what_its_title_says_and_its_end_repairs_it(
    stage: tuple[Region, asyncio.Runner], kind: str
) -> None:
    seen, runner = stage
    outage, expected = OUTAGES[kind], EFFECTS[kind]

    async def play() -> None:
        link = Link()
        await link.open(seen.stands)
        await outage.begin(seen.rig, PRIMARY)
        if kind in ALSO:
            await until(partial(ALSO[kind], seen))
        assert await seen.state(link, deep=expected.deep) == expected
        await outage.end(seen.rig, PRIMARY)
        link.close()
        await link.open(seen.stands)
        assert await seen.state(link, deep=True) == WELL
        link.close()
        for also in ALSO.values():
            await until(partial(_is_not, partial(also, seen)))

    runner.run(asyncio.wait_for(play(), LIMIT))

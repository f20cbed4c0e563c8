"""A world of two regions with a canary and a watcher, and its replacement for AWS."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from functions.contract import SWITCH_METRIC, switch_namespace
from iot_dr.design.api_reply import ApiRoute, ApiStage, HttpApi
from iot_dr.design.metric_alarms import MetricAlarm
from iot_dr.design.policy import Grants
from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.authority import Authority
from iot_dr.drill.rig.region.broker import Broker
from iot_dr.drill.rig.region.cloud import Cloud
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.region_server import RegionServer
from iot_dr.drill.rig.world.world import Lambda, RegionSite, World
from iot_dr.route53.check import HealthCheck
from tests.support.drill import ZONE, regions
from tests.support.settings import settings

Stands = TypeVar("Stands")

PRIMARY, STANDBY = "eu-west-1", "eu-central-1"
_PATH = "/health/${secret}"
ANYTHING = Grants((({"Effect": "Allow", "Action": "*", "Resource": "*"},),))
DEEP = HealthCheck(id="deep", type="HTTPS", region=PRIMARY, port=443, path=_PATH)
SHALLOW = HealthCheck(
    id="tcp", type="TCP", region=PRIMARY, port=8883, host=f"mqtt-{PRIMARY}.{ZONE}"
)


def two_regions() -> World:
    """Return a world like that of a small `dev`."""
    return World(
        environment="dev",
        device_name=f"mqtt.{ZONE}",
        zone_name=ZONE,
        sites=(_site(PRIMARY), replace(_site(STANDBY), canary=None)),
        records=(),
        checks={DEEP.id: DEEP, SHALLOW.id: SHALLOW},
        alarms=switch_alarms(),
        watchers=(
            Lambda(
                region=STANDBY,
                handler="functions.watcher.handler.handle",
                variables={
                    "WATCHER_MODE": "deep",
                    "WATCHER_PRIMARY": PRIMARY,
                    "WATCHER_AWAY": PRIMARY,
                    "WATCHER_KEEPERS": STANDBY,
                    "WATCHER_REGIONS": f"{PRIMARY},{STANDBY}",
                    "WATCHER_NAME_1": f"mqtt-{PRIMARY}.{ZONE}",
                    "WATCHER_CHECK_1": SHALLOW.id,
                    "WATCHER_NAME_2": f"mqtt-{STANDBY}.{ZONE}",
                    "WATCHER_CHECK_2": "tcp-standby",
                    "WATCHER_DEVICE_NAME": f"mqtt.{ZONE}",
                    "WATCHER_SWITCH": f"example-dev-switch-{PRIMARY}",
                    "WATCHER_TTL": "60",
                    "WATCHER_TOPIC": "iot-dr/dev/watcher",
                    "WATCHER_ENVIRONMENT": "dev",
                    "WATCHER_PROJECT": "iot-dr",
                    "WATCHER_INTERVAL": "10",
                    "WATCHER_THRESHOLD": "3",
                },
                timeout=78,
                period=60,
                grants=ANYTHING,
            ),
        ),
        recovery=settings().recovery,
    )


@dataclass(frozen=True)
class Standing:
    """The running parts, by region if there is one per region."""

    authority: Authority
    cloud: Cloud
    brokers: dict[str, Broker]
    servers: dict[str, RegionServer]
    valid: Identity
    expired: Identity

    @property
    def broker(self) -> Broker:
        """The primary's broker."""
        return self.brokers[PRIMARY]

    @property
    def server(self) -> RegionServer:
        """The primary's server."""
        return self.servers[PRIMARY]


@asynccontextmanager
async def standing(
    folder: Path, speed: float, *names: str, world: World | None = None
) -> AsyncGenerator[Standing]:
    """Run both brokers of a world, and the other parts of the named regions."""
    async with regions(folder, PRIMARY, STANDBY) as made, AsyncExitStack() as stack:
        authority, valid = made.authority, made.authority.server(f"*.{ZONE}")
        cloud = Cloud.of(world or two_regions(), made.addresses, RigClock(speed), authority.roots)
        hosts = {name: cloud.apis[name].host if name in cloud.apis else "none" for name in names}
        servers = {
            name: await stack.enter_async_context(
                RegionServer(cloud, name, valid, authority.server(hosts[name]))
            )
            for name in names
        }
        expired = authority.server(f"*.{ZONE}", is_expired=True)
        yield Standing(authority, cloud, made.brokers, servers, valid, expired)


def _site(region: str) -> RegionSite:
    name = f"mqtt-{region}.{ZONE}"
    return RegionSite(
        region=region,
        regional_name=name,
        served_names=frozenset({name, f"mqtt.{ZONE}"}),
        knows_devices=True,
        canary=Lambda(
            region=region,
            handler="functions.canary.handler.handle",
            variables={
                "CANARY_HOST": name,
                "CANARY_TOPIC": "iot-dr/dev/canary",
                "CANARY_ENVIRONMENT": "dev",
                "CANARY_INTERVAL": "10",
            },
            timeout=3,
            grants=ANYTHING,
            id=f"{region}/canary",
        ),
        api=HttpApi(
            address=f"{region}/api",
            stages=(ApiStage(address=f"{region}/stage", name="$default", closing={}),),
            routes=(
                ApiRoute(
                    key=f"GET {_PATH}",
                    address=f"{region}/route",
                    function=f"{region}/canary",
                    sources=("*",),
                    seconds=2,
                ),
            ),
        ),
    )


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    """Poll until the condition is true; `in_loop` ends the test if it never is."""
    while not await asked():
        await asyncio.sleep(0.01)


def switch_alarms() -> dict[str, MetricAlarm]:
    """Return the alarms of both regions' switches, each of which is in the other region."""
    return {
        f"switch-{region}": MetricAlarm(
            id=f"switch-{region}",
            address=f"switch-{region}",
            name=f"example-dev-switch-{region}",
            region=alarm_region,
            namespace=switch_namespace("dev"),
            metric=SWITCH_METRIC,
            dimensions={"Environment": "dev", "Region": region},
            threshold=1,
            period=60,
            missing_data="ignore",
        )
        for region, alarm_region in ((PRIMARY, STANDBY), (STANDBY, PRIMARY))
    }


@contextmanager
def lasting(
    stands: AbstractAsyncContextManager[Stands],
) -> Generator[tuple[Stands, asyncio.Runner]]:
    """Keep a context open for many tests, which all run in the same loop."""
    with asyncio.Runner() as runner:
        stood = runner.run(stands.__aenter__())
        try:
            yield stood, runner
        finally:
            runner.run(stands.__aexit__(None, None, None))

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from functions.contract import REGISTER, parameter_name
from iot_dr.design.policy import Grants
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.region.region_server import WatcherServer
from iot_dr.drill.rig.world.world import World
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.drill_cloud import (
    ANYTHING,
    PRIMARY,
    STANDBY,
    Standing,
    lasting,
    standing,
    switch_alarms,
    two_regions,
    until,
)
from tests.support.settings import settings

pytestmark = needs_mosquitto

_SPEED = 80


@dataclass(frozen=True)
class _Watching:
    """Both regions, the CloudWatch of the switches, and what the watcher decides."""

    regions: Standing
    cloudwatch: CloudWatch
    decisions: asyncio.Queue[tuple[str, str]]

    async def until(self, decision: str, *, never: str = "") -> str:
        """Wait for a decision, and give the cause; another one must not come before it."""
        while True:
            decided, cause = await self.decisions.get()
            assert decided != never
            if decided == decision:
                return cause

    def register(self, region: str) -> dict[str, Any]:
        """Return the register of a region's switch, empty without one."""
        client = cast("Any", boto3.session.Session()).client(
            "ssm",
            region_name=STANDBY,
            endpoint_url=self.cloudwatch.endpoint,
            aws_access_key_id="drill",
            aws_secret_access_key="drill",
        )
        name = parameter_name("iot-dr", "dev", REGISTER, region)
        stored = client.get_parameters(Names=[name])["Parameters"]
        return json.loads(stored[0]["Value"]) if stored else {}

    async def restore(self) -> None:
        """Undo whatever a test did, also one that failed."""
        await self.regions.broker.start()
        await self.cloudwatch.start()
        for server in self.regions.servers.values():
            await server.start()
        await self.until("well")


@asynccontextmanager
async def _watching(folder: Path, world: World | None = None) -> AsyncGenerator[_Watching]:
    decisions = asyncio.Queue[tuple[str, str]]()

    def decided(_at: float, decision: str, cause: str) -> None:
        decisions.put_nowait((decision, cause))

    async with standing(folder, _SPEED, PRIMARY, STANDBY, world=world) as regions:
        cloudwatch = CloudWatch(
            settings(),
            switch_alarms(),
            regions.cloud.clock,
            "127.0.0.1",
            lambda _alarm, _state: None,
            roles=regions.cloud.roles,
        )
        await cloudwatch.start()
        try:
            async with WatcherServer(
                regions.cloud, regions.cloud.world.watchers[0], cloudwatch.endpoint, decided, 0
            ):
                yield _Watching(regions, cloudwatch, decisions)
        finally:
            await cloudwatch.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[_Watching, asyncio.Runner]]:
    with lasting(_watching(tmp_path_factory.mktemp("watcher"))) as made:
        yield made


def _in_world(test: Callable[[_Watching], Awaitable[None]]) -> Callable[..., None]:
    """Run a test in a world that is well, for half a minute at most."""

    def run(world: tuple[_Watching, asyncio.Runner]) -> None:
        watching, runner = world

        async def limited() -> None:
            async with asyncio.timeout(30):
                await watching.restore()
                await test(watching)

        runner.run(limited())

    return run


@_in_world
async def test_the_watcher_latches_once_the_primary_has_failed(watching: _Watching) -> None:
    await watching.regions.broker.kill()
    await watching.until("latched")
    following = asyncio.ensure_future(watching.cloudwatch.run())

    async def alarms() -> bool:
        return watching.cloudwatch.states[f"switch-{PRIMARY}"] == "ALARM"

    await until(alarms)
    following.cancel()
    assert watching.cloudwatch.states[f"switch-{STANDBY}"] == "INSUFFICIENT_DATA"
    assert watching.register(PRIMARY)["value"] == "away"


@_in_world
async def test_the_watcher_switches_nothing_when_its_own_name_is_not_served(
    watching: _Watching,
) -> None:
    for server in watching.regions.servers.values():
        await server.kill()
    await watching.until("blind", never="latched")


@_in_world
async def test_a_switch_that_cannot_be_put_is_reported(watching: _Watching) -> None:
    await watching.cloudwatch.stop()
    await watching.regions.servers[PRIMARY].kill()
    cause = await watching.until("error")
    assert cause.startswith(f"SwitchError: the switch of {PRIMARY} could not be set")


def _without(*actions: str) -> World:
    """Return a world whose watcher may not make some calls."""
    world = two_regions()
    (watcher,) = world.watchers
    denied = {"Effect": "Deny", "Action": [*actions], "Resource": "*"}
    grants = Grants((*ANYTHING.identity, (denied,)))
    return replace(world, watchers=(replace(watcher, grants=grants),))


@in_loop
async def test_a_role_that_may_not_put_the_switch_or_its_register_is_reported(
    tmp_path: Path,
) -> None:
    world = _without("cloudwatch:PutMetricData", "ssm:PutParameter")
    async with _watching(tmp_path, world) as watching, asyncio.timeout(60):
        await watching.until("well")
        await watching.regions.servers[PRIMARY].kill()
        assert "AccessDenied" in await watching.until("unregistered", never="latched")
        assert "AccessDenied" in await watching.until("error", never="latched")
        assert watching.register(PRIMARY) == {}

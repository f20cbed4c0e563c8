import asyncio
import os
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path

import pytest

from iot_dr.drill.fleet.packet import LOCAL_CLIENT, Parser, Publish, connect, subscribe
from iot_dr.drill.rig.child import ModuleChildError
from iot_dr.drill.rig.dns.probe import HealthCheckProber
from tests.support.drill import ZONE, in_loop, needs_mosquitto
from tests.support.drill_cloud import (
    DEEP,
    PRIMARY,
    SHALLOW,
    Standing,
    lasting,
    standing,
    two_regions,
    until,
)
from tests.support.processes import children

pytestmark = needs_mosquitto

_SPEED = 10


@dataclass(frozen=True)
class _Seen:
    """A region as Route 53 and the canary see it, in a loop that goes on between tests."""

    region: Standing
    prober: HealthCheckProber
    runner: asyncio.Runner

    async def is_well(self) -> bool:
        return await self.prober.probe(DEEP)

    async def is_unwell(self) -> bool:
        return not await self.prober.probe(DEEP)

    async def listens(self) -> bool:
        return await self.prober.probe(SHALLOW)

    async def until_canary_finds(self, outcome: str) -> None:
        """Ask until the canary has found this, for a checker that then has to see a failure."""
        before = self._found(outcome)

        async def is_seen() -> bool:
            is_well = await self.is_well()
            return not is_well and self._found(outcome) > before

        await until(is_seen)

    def _found(self, outcome: str) -> int:
        counted = self.region.server.outcomes.items()
        return sum(count for name, count in counted if name.startswith(outcome))

    async def restore(self) -> None:
        """Undo whatever a test did, also one that failed."""
        broker, server = self.region.broker, self.region.server
        await broker.resume()
        server.resume()
        await broker.start()
        await server.put_certificate(self.region.valid)
        await server.accept_all()
        await server.restore_canary()
        await server.slow(0)
        await server.start()
        await until(self.is_well)


@pytest.fixture(scope="module")
def lasting_region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Seen]:
    stands = standing(tmp_path_factory.mktemp("region"), _SPEED, PRIMARY)
    with lasting(stands) as (region, runner):
        yield _Seen(region, HealthCheckProber(region.cloud), runner)


@pytest.fixture
def seen(lasting_region: _Seen) -> _Seen:
    """The region, well again."""
    lasting_region.runner.run(asyncio.wait_for(lasting_region.restore(), 120))
    return lasting_region


def _in_region(test: Callable[[_Seen], Awaitable[None]]) -> Callable[[_Seen], None]:
    """Run a test in the region's loop, for two minutes at most."""

    @wraps(test)
    def run(seen: _Seen) -> None:
        seen.runner.run(asyncio.wait_for(test(seen), 120))

    return run


@in_loop
async def test_the_canary_answers_all_checkers_with_200_when_messages_come_through_the_broker(
    tmp_path: Path,
) -> None:
    async with standing(tmp_path, 1, PRIMARY) as region:
        host, port = region.cloud.addresses.hosts[PRIMARY], region.cloud.addresses.local
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(connect(f"{LOCAL_CLIENT}test", 0) + subscribe("#", 1))
        parser, came = Parser(), list[object]()
        while len(came) < 2:
            came += parser.feed(await reader.read(4096))
        assert await HealthCheckProber(region.cloud).probe(DEEP)
        while len(came) < 3:
            came += parser.feed(await reader.read(4096))
        writer.close()
        message = came[2]
        assert isinstance(message, Publish)
        assert message.topic == "iot-dr/dev/canary"
        assert message.payload == b'{"from":"iot-dr"}'
        prober = HealthCheckProber(region.cloud)

        async def all_are_well() -> bool:
            return all(await asyncio.gather(*(prober.probe(DEEP) for _ in range(16))))

        # Not always the first time: the instances that sixteen need at once are loaded for it.
        await until(all_are_well)


@_in_region
async def test_a_killed_broker_makes_the_region_unhealthy_and_its_return_healthy(
    seen: _Seen,
) -> None:
    await seen.region.broker.kill()
    await seen.until_canary_finds("failed HTTP 500")
    assert not await seen.listens()
    await seen.region.broker.start()
    await until(seen.is_well)


@_in_region
async def test_a_hanging_broker_makes_the_region_unhealthy(seen: _Seen) -> None:
    seen.region.broker.freeze()
    await seen.until_canary_finds("slow")
    # The kernel still accepts for it: what a shallow check sees.
    assert await seen.listens()
    await seen.region.broker.resume()
    await until(seen.is_well)


@_in_region
async def test_an_expired_certificate_makes_the_region_unhealthy_until_a_valid_one_is_back(
    seen: _Seen,
) -> None:
    await seen.region.server.put_certificate(seen.region.expired)
    await seen.until_canary_finds("failed SSLCertVerificationError")
    assert await seen.listens()
    await seen.region.server.put_certificate(seen.region.valid)
    await until(seen.is_well)


@_in_region
async def test_refused_publishing_makes_the_region_unhealthy(seen: _Seen) -> None:
    await seen.region.server.refuse_all()
    await seen.until_canary_finds("failed HTTP 403")
    await seen.region.server.accept_all()
    await until(seen.is_well)


@_in_region
async def test_a_region_that_answers_late_is_unhealthy(seen: _Seen) -> None:
    await seen.region.server.slow(1.5)
    await seen.until_canary_finds("slow")
    await seen.region.server.slow(0)
    await until(seen.is_well)


@_in_region
async def test_a_failing_canary_makes_a_region_unhealthy_whose_broker_is_well(seen: _Seen) -> None:
    await seen.region.server.fail_canary()
    assert await seen.is_unwell()
    assert await seen.listens()
    await seen.region.server.restore_canary()
    await until(seen.is_well)


@in_loop
async def test_a_regional_name_that_no_domain_configuration_serves_is_unhealthy(
    tmp_path: Path,
) -> None:
    world = two_regions()
    first, second = world.sites
    served = first.served_names - {first.regional_name}
    world = replace(world, sites=(replace(first, served_names=served), second))
    async with standing(tmp_path, _SPEED, PRIMARY, world=world) as region:
        assert not await HealthCheckProber(region.cloud).probe(DEEP)


@in_loop
async def test_a_canary_with_a_wrong_variable_is_unhealthy_and_says_so(tmp_path: Path) -> None:
    world = two_regions()
    first, second = world.sites
    assert first.canary
    variables = {**first.canary.variables, "CANARY_INTERVAL": "11"}
    canary = replace(first.canary, variables=variables)
    world = replace(world, sites=(replace(first, canary=canary), second))
    async with standing(tmp_path, _SPEED, PRIMARY, world=world) as region, asyncio.timeout(60):
        prober = HealthCheckProber(region.cloud)
        # On a busy machine a probe ends before the function has begun.
        while not region.server.outcomes:
            assert not await prober.probe(DEEP)
        (result,) = region.server.outcomes
        assert result.startswith(
            "error VariablesError: environment variable CANARY_INTERVAL is '11'"
        )


@in_loop
async def test_a_regional_name_that_does_not_resolve_is_unhealthy(tmp_path: Path) -> None:
    world = two_regions()
    first, second = world.sites
    world = replace(world, sites=(replace(first, regional_name=f"moved.{ZONE}"), second))
    async with standing(tmp_path, _SPEED, PRIMARY, world=world) as region, asyncio.timeout(60):
        prober = HealthCheckProber(region.cloud)
        while not region.server.outcomes:
            assert not await prober.probe(DEEP)
        assert {*region.server.outcomes} == {"failed gaierror"}


@_in_region
async def test_a_killed_region_is_unhealthy_and_comes_back_as_it_was(seen: _Seen) -> None:
    await seen.region.server.refuse_all()
    await seen.region.server.kill()
    assert await seen.is_unwell()
    await seen.region.server.start()
    assert await seen.is_unwell()
    await seen.region.server.accept_all()
    await until(seen.is_well)


@_in_region
async def test_a_stopped_region_hangs_until_it_is_resumed(seen: _Seen) -> None:
    seen.region.server.freeze()
    assert await seen.is_unwell()
    seen.region.server.resume()
    await until(seen.is_well)


@in_loop
async def test_nothing_of_a_region_is_left_when_the_drill_ends(tmp_path: Path) -> None:
    before = children()
    async with standing(tmp_path, _SPEED, PRIMARY) as region:
        region.server.freeze()
        assert children().keys() > before.keys()
    assert children() == before


@_in_region
async def test_a_region_that_is_killed_by_somebody_else_is_reported(seen: _Seen) -> None:
    (pid,) = (pid for pid, command in children().items() if "region_process" in command)
    os.kill(pid, signal.SIGKILL)
    assert "region_process ended with status -9" in await seen.region.server.died


@_in_region
async def test_a_taken_port_is_reported(seen: _Seen) -> None:
    await seen.region.server.kill()
    with (
        socket.create_server(seen.region.cloud.endpoint(PRIMARY, "https")),
        pytest.raises(ModuleChildError, match="address already in use"),
    ):
        await seen.region.server.start()


async def _status(seen: _Seen, name: str, path: str) -> int:
    """Ask the health API under a name, as one who trusts the drill's authority."""
    host, port = seen.region.cloud.endpoint(PRIMARY, "api")
    trust = ssl.create_default_context(cafile=seen.region.cloud.roots)
    reader, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname=name)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


@_in_region
async def test_the_health_api_answers_under_its_own_name_on_its_secret_path_alone(
    seen: _Seen,
) -> None:
    cloud = seen.region.cloud
    host, path = cloud.apis[PRIMARY].host, cloud.values(DEEP.path)
    assert await _status(seen, host, path) == 200
    assert await _status(seen, host, f"{path}/more") == 404
    with pytest.raises(ConnectionResetError):
        await _status(seen, f"mqtt.{ZONE}", path)

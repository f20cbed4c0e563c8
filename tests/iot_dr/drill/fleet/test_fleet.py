import asyncio
import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from iot_dr.drill.fleet.fleet import Fleet, FleetError
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.fleet.machine import TooFewDescriptorsError
from tests.support.drill import ZONE, in_loop, needs_mosquitto
from tests.support.drill_fleet import Stage, stage
from tests.support.processes import children

pytestmark = needs_mosquitto
_PATIENCE = 30.0
_HOME, _OTHER = "eu-west-1", "eu-central-1"
_DEVICES = 12
_HABITS = Habits(
    period=5, buffer=3, keep_alive=30, ping_timeout=20, connect_timeout=60, backoff=1, ceiling=8
)


async def _until(fleet: Fleet, region: str, count: int) -> None:
    while fleet.counts[region] != count:
        await asyncio.sleep(0.01)


async def _moved(world: Stage, fleet: Fleet) -> None:
    """Let the name lead to the other region, and wait until all devices are there."""
    world.leads_to = _OTHER
    await _until(fleet, _OTHER, _DEVICES)


@in_loop
async def test_a_region_is_probed_as_a_device_would_connect(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, _OTHER, speed=30) as world,
        world.fleet(1, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        assert await fleet.refusal(_OTHER) == ""
        assert fleet.counts == {_HOME: 1}
        await world.brokers[_OTHER].refuse_all()
        assert "not authorized" in await fleet.refusal(_OTHER)
        await world.brokers[_OTHER].accept_all()
        expired = world.authority.server(f"*.{ZONE}", is_expired=True)
        await world.brokers[_OTHER].present(expired)
        assert "expired" in await fleet.refusal(_OTHER)
        other = world.authority.server("mqtt.other.example.com")
        await world.brokers[_OTHER].present(other)
        assert "ertificate" in await fleet.refusal(_OTHER)
        await world.brokers[_OTHER].kill()
        assert await fleet.refusal(_OTHER) == "connection refused"


@in_loop
async def test_devices_come_back_in_the_region_that_the_name_leads_to(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, _OTHER, speed=30, ttl=10) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        assert fleet.counts == {_HOME: _DEVICES}
        lost = world.clock.now()
        await world.brokers[_HOME].kill()
        await _moved(world, fleet)
        noted, messages = await world.settled(fleet)

    before = [each for each in noted.connections if each.region == _HOME]
    after = [each for each in noted.connections if each.region == _OTHER]
    assert sorted(each.device for each in before) == list(range(_DEVICES))
    assert sorted(each.device for each in after) == list(range(_DEVICES))
    assert all(each.begin < lost and each.end is not None for each in before)
    assert all(each.begin > lost and each.end is None for each in after)
    assert len(noted.attempts) == len(noted.connections) + noted.refusals.total()
    assert set(noted.refusals) <= {"connection refused"}
    assert messages.lost == messages.duplicated == messages.reordered == 0
    assert messages.acknowledged >= messages.received - _DEVICES
    assert messages.created == messages.acknowledged + messages.dropped + messages.unsent


@in_loop
async def test_live_links_do_not_follow_the_name(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, _OTHER, speed=40, ttl=1) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        world.leads_to = _OTHER
        await world.clock.sleep(40)
        assert fleet.counts == {_HOME: _DEVICES}

        await world.brokers[_HOME].kill()
        await world.brokers[_HOME].start()
        await _until(fleet, _OTHER, _DEVICES)
        noted, messages = await world.settled(fleet)

    assert len(noted.connections) == 2 * _DEVICES
    assert messages.lost == 0


@in_loop
async def test_a_silent_link_is_given_up_and_what_was_under_way_sent_again(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, _OTHER, speed=30, ttl=1) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        await world.clock.sleep(20)
        frozen = world.clock.now()
        world.brokers[_HOME].freeze()
        await _moved(world, fleet)
        # What still lies in the sockets of the frozen broker comes now, for the second time.
        await world.brokers[_HOME].resume()
        while world.received().duplicated < _DEVICES:
            await asyncio.sleep(0.01)
        noted, messages = await world.settled(fleet)

    ends = [each.end - frozen for each in noted.connections if each.end is not None]
    assert len(ends) == _DEVICES
    silence = _HABITS.keep_alive + _HABITS.ping_timeout
    assert min(ends) > silence - _HABITS.period - 1
    assert messages.lost == 0


@in_loop
async def test_an_offline_device_drops_its_oldest_messages(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, speed=60) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        await world.brokers[_HOME].kill()
        await world.clock.sleep(60)
        await world.brokers[_HOME].start()
        await _until(fleet, _HOME, _DEVICES)
        await world.clock.sleep(10)
        noted, messages = await world.settled(fleet)

    # 60 s are 12 messages, of which 3 are kept.
    assert all(each.dropped >= 8 for each in noted.sent.values())
    assert messages.dropped == sum(each.dropped for each in noted.sent.values())
    assert messages.lost == 0
    assert all(max(each.acknowledged) > each.dropped for each in noted.sent.values())


@in_loop
async def test_nothing_is_lost_in_the_instant_in_which_a_broker_is_killed(tmp_path: Path) -> None:
    busy = replace(_HABITS, period=1, buffer=20, ceiling=2)
    async with stage(tmp_path, _HOME, speed=30) as world, world.fleet(40, habits=busy) as fleet:
        await fleet.connected(_PATIENCE)
        for _ in range(2):
            before = world.received(*range(40)).received
            while world.received(*range(40)).received < before + 300:
                await asyncio.sleep(0)
            await world.brokers[_HOME].kill()
            await world.brokers[_HOME].start()
        await _until(fleet, _HOME, 40)
        _, messages = await world.settled(fleet)

    assert messages.lost == 0
    assert messages.acknowledged > 600


@pytest.mark.exhaustive
@in_loop
async def test_devices_that_are_refused_say_why(tmp_path: Path) -> None:
    async with stage(tmp_path, _HOME, speed=30) as world:
        broker = world.brokers[_HOME]
        async with world.fleet(_DEVICES, habits=_HABITS) as fleet:
            await fleet.connected(_PATIENCE)
            await broker.refuse_all()
            await world.clock.sleep(40)
            await broker.accept_all()
            expired = world.authority.server(f"*.{ZONE}", is_expired=True)
            await broker.present(expired)
            await world.clock.sleep(50)
            await _until(fleet, _HOME, 0)
            noted, _ = await world.settled(fleet)

    assert noted.refusals["not authorized"] >= _DEVICES
    assert noted.refusals["server's certificate has expired"] >= _DEVICES


@in_loop
async def test_a_region_that_does_not_know_the_devices_says_so(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, speed=30, knows_devices=False) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await world.clock.sleep(40)
        assert not fleet.counts.total()
        noted, _ = await world.settled(fleet)

    assert noted.refusals.total() >= _DEVICES
    assert noted.refusals["not authorized"] == noted.refusals.total()


@in_loop
async def test_its_process_ends_with_the_fleet(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, speed=20) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        running = Counter("fleet_process" in each for each in children().values())
        assert running[True] == 1
        assert fleet.counts == {_HOME: _DEVICES}

    assert not any("fleet_process" in each for each in children().values())


@in_loop
async def test_a_process_of_devices_that_dies_is_reported(tmp_path: Path) -> None:
    async with (
        stage(tmp_path, _HOME, speed=20) as world,
        world.fleet(_DEVICES, habits=_HABITS) as fleet,
    ):
        await fleet.connected(_PATIENCE)
        (pid,) = (pid for pid, each in children().items() if "fleet_process" in each)
        os.kill(pid, signal.SIGKILL)

        assert "fleet_process ended with status -9" in await fleet.died
        assert (await fleet.stop()).connections == []


@in_loop
async def test_a_fleet_that_cannot_connect_says_what_it_met(tmp_path: Path) -> None:
    async with stage(tmp_path, _HOME, speed=60) as world:
        await world.brokers[_HOME].kill()
        async with world.fleet(_DEVICES, habits=_HABITS) as fleet:
            with pytest.raises(FleetError, match=r"^0 of 12 devices .*: connection refused \("):
                await fleet.connected(1.0)


@in_loop
async def test_more_devices_than_open_files_are_refused(tmp_path: Path) -> None:
    async with stage(tmp_path, _HOME, speed=20) as world:
        with pytest.raises(
            TooFewDescriptorsError, match=r"`ulimit -n 2000100`, or use at most \d+ devices"
        ):
            async with world.fleet(2_000_000, habits=_HABITS):
                pass

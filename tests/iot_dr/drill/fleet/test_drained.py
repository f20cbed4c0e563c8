"""Connections of real brokers that a drain closes: devices are in the other region afterwards."""

import asyncio
import socket
from pathlib import Path

import pytest

from iot_dr.common.waiting import PollLimits
from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.device import thing_name
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.play.faults import faults_before
from iot_dr.observe.aws.clients import Clients
from iot_dr.operate.drain.closing import LIMITS, Closing, close_connection
from iot_dr.operate.drain.drain_ledger import DrainLedger, drain_ledger
from tests.support.aws_account import lead_to
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.drill_fleet import Stage, stage
from tests.support.iot_connections import Connections

pytestmark = needs_mosquitto
HOME, OTHER = "eu-west-1", "eu-central-1"
DEVICES = 40
RATE = 20.0
HABITS = Habits(period=5, buffer=3, keep_alive=30, ping_timeout=20, connect_timeout=60)


def close_by_take_over(world: Stage, client_id: str) -> None:
    """Close a client's connection as a broker does: another one with its id ends it."""
    address = world.addresses.hosts[HOME], world.addresses.local
    with socket.create_connection(address, 10) as link:
        link.sendall(packet.connect(client_id, 0))
        assert packet.ConnAck(packet.SUCCESS) in packet.Parser().feed(link.recv(1024))


def closed(ledger: DrainLedger) -> None:
    """Close all connections of the ledger."""
    clients = Clients(None, LIMITS)
    clients.client("iot-data", HOME)
    Closing(
        ledger=ledger,
        close=lambda client_id: close_connection(clients, HOME, None, client_id),
        rate=RATE,
        problem=lambda: "",
        report=lambda _seconds, _text: None,
        polls=PollLimits(limit=60),
    ).run()


@in_loop
async def test_each_device_is_closed_once_at_the_rate_and_moves_without_losing_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults_before("http://127.0.0.1:1") as faults:
        lead_to(faults.endpoint, monkeypatch)
        async with (
            stage(tmp_path, HOME, OTHER, speed=10, ttl=1) as world,
            world.fleet(DEVICES, habits=HABITS) as fleet,
        ):
            await fleet.connected(30)
            connections = Connections(HOME, {thing_name(number) for number in range(DEVICES)})
            connections.close = lambda client_id: close_by_take_over(world, client_id)
            faults.answers.append(connections.answer)
            world.leads_to = OTHER
            await world.clock.sleep(2)
            assert fleet.counts == {HOME: DEVICES}
            with drain_ledger(tmp_path / "drain", None) as ledger:
                ledger.add(sorted(connections.clients))
                begin = connections.clock()
                await asyncio.to_thread(closed, ledger)
                assert ledger.counts() == {"closed": DEVICES}
            while fleet.counts[OTHER] != DEVICES:
                await asyncio.sleep(0.01)
            noted, messages = await world.settled(fleet)
    homes = [each.device for each in noted.connections if each.region == HOME]
    assert sorted(homes) == list(range(DEVICES))
    assert len(noted.connections) == 2 * DEVICES
    assert (messages.lost, messages.dropped) == (0, 0)
    # A busy machine may be late, also with the first one, and never early: nothing is made up for.
    assert max(connections.times) - begin >= (DEVICES - 1) / RATE

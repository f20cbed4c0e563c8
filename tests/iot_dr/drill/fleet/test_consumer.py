import asyncio
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import open_link
from iot_dr.drill.fleet.packet import LOCAL_CLIENT, Packet, Parser, PubAck
from iot_dr.drill.recording import Messages
from tests.support.drill import in_loop, needs_mosquitto
from tests.support.drill_fleet import Stage, stage
from tests.support.processes import children

pytestmark = needs_mosquitto
NO_SUBSCRIBERS = 0x10
_REGION = "eu-west-1"
_TOPIC = "iot-dev/drill-000007/up/drill"


async def _publish(world: Stage, *messages: tuple[str, bytes]) -> Sequence[int]:
    """Publish over a link of its own, and give the reasons of the acknowledgements."""
    reasons: list[int] = []
    done = asyncio.Event()

    def take(got: Packet) -> None:
        assert isinstance(got, PubAck)
        reasons.append(got.reason)
        if len(reasons) == len(messages):
            done.set()

    address = world.addresses.hosts[_REGION], world.addresses.local
    hello = packet.connect(f"{LOCAL_CLIENT}test", 0)
    link = await open_link(address, hello, take)
    for id_, (topic, payload) in enumerate(messages, 1):
        link.send(packet.publish(topic, payload, id_))
    await done.wait()
    link.close()
    return reasons


@in_loop
async def test_a_consumer_takes_what_devices_publish(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        await _publish(world, (_TOPIC, b'{"sequence":5}'), (_TOPIC, b'{"sequence":6}'))
        await world.consumers[0].drained()

        assert world.received(7).received == 2


@in_loop
async def test_what_is_not_a_message_of_a_device_is_ignored(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        await _publish(
            world,
            (_TOPIC, b"\xff"),
            (_TOPIC, b'{"sequence":-1}'),
            (_TOPIC, b'{"sequence":"5"}'),
            (_TOPIC, b'{"sequence":' + b"9" * 5000 + b"}"),
            ("iot-dev/canary/up/probe", b'{"sequence":5}'),
        )
        await world.consumers[0].drained()

        assert world.received(7).received == 0


@in_loop
async def test_a_broker_says_when_no_consumer_is_there(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        await world.consumers[0].__aexit__(None, None, None)

        assert await _publish(world, (_TOPIC, b'{"sequence":5}')) == [NO_SUBSCRIBERS]


@in_loop
async def test_a_consumer_comes_back_with_its_broker(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        (consumer,) = world.consumers
        await world.brokers[_REGION].kill()
        await consumer.drained()
        await world.brokers[_REGION].start()
        await consumer.subscribed()

        assert await _publish(world, (_TOPIC, b'{"sequence":5}')) == [packet.SUCCESS]
        await consumer.drained()
        assert world.received(7).received == 1


@in_loop
async def test_all_that_was_acknowledged_is_there_once_it_is_drained(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        messages = [(_TOPIC, b'{"sequence":%d}' % number) for number in range(3000)]
        assert set(await _publish(world, *messages)) == {packet.SUCCESS}
        await world.consumers[0].drained()

        assert world.received(7) == Messages(received=3000)


def _publish_without_a_pause(address: tuple[str, int], messages: Sequence[bytes]) -> int:
    """Publish while nothing else runs in this process; return how many were acknowledged."""
    parser = Parser()
    with socket.create_connection(address) as link:
        link.sendall(packet.connect(f"{LOCAL_CLIENT}test", 0))
        parser.feed(link.recv(packet.LONGEST))
        for id_, payload in enumerate(messages, 1):
            link.sendall(packet.publish(_TOPIC, payload, id_))
        acknowledged = set[Packet]()
        while len(acknowledged) < len(messages):
            acknowledged.update(parser.feed(link.recv(packet.LONGEST)))
    return len(acknowledged & {PubAck(id_, packet.SUCCESS) for id_ in range(len(messages) + 1)})


@in_loop
async def test_a_broker_that_dies_before_its_consumer_reads_loses_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, _REGION, speed=10) as world:
        (consumer,) = world.consumers
        (pid,) = (pid for pid, each in children().items() if "mosquitto" in each)
        numbers = range(3000)
        address = world.addresses.hosts[_REGION], world.addresses.local

        # No await: the consumer reads nothing of all this before the broker is dead.
        acknowledged = _publish_without_a_pause(
            address, [b'{"sequence":%d}' % number for number in numbers]
        )
        os.kill(pid, signal.SIGKILL)
        assert world.received(7).received == 0
        await world.brokers[_REGION].died
        await consumer.drained()

        assert acknowledged == len(numbers)
        assert world.received(7) == Messages(received=len(numbers))

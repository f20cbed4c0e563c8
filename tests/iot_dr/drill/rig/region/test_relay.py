import asyncio
import socket

from iot_dr.drill.rig.clock import RigClock
from iot_dr.drill.rig.region.relay import Relay

_SPEED = 50


def _free() -> tuple[str, int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(1000):
        writer.write(piece)
    writer.close()


async def _round_trip(latency: float, rate: float | None, message: bytes) -> float:
    """Return the rehearsed seconds until a message came back through a relay, whole."""
    clock = RigClock(_SPEED)
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    relay = Relay(clock, _free(), server.sockets[0].getsockname())
    relay.latency, relay.rate = latency, rate
    await relay.start()
    try:
        reader, writer = await asyncio.open_connection(*relay.address)
        begin = clock.now()
        writer.write(message)
        assert await reader.readexactly(len(message)) == message
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        return clock.now() - begin
    finally:
        await relay.stop()
        server.close()


def test_what_a_slow_way_carries_comes_late_both_ways() -> None:
    assert asyncio.run(_round_trip(5, None, b"hello")) >= 10


def test_a_narrow_way_takes_the_longer_the_more_it_carries() -> None:
    assert asyncio.run(_round_trip(0, 1000, b"x" * 4000)) >= 8


def test_a_way_that_is_not_slow_changes_nothing() -> None:
    assert asyncio.run(_round_trip(0, None, b"x" * 100_000)) < 60 * _SPEED


def test_a_relay_whose_broker_is_gone_closes_at_once() -> None:
    async def connect() -> bytes:
        relay = Relay(RigClock(_SPEED), _free(), _free())
        await relay.start()
        try:
            reader, writer = await asyncio.open_connection(*relay.address)
            result = await asyncio.wait_for(reader.read(), 60)
            writer.close()
            return result
        finally:
            await relay.stop()

    assert asyncio.run(connect()) == b""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from iot_dr.drill.fleet import packet
from iot_dr.drill.region.publication import RefusedError, publish_once
from tests.support.drill import in_loop

_ACCEPTED = bytes((0x20, 3, 0, 0, 0))


@asynccontextmanager
async def _broker(
    *answers: bytes, sent: list[bytes] | None = None
) -> AsyncGenerator[tuple[str, int]]:
    """Answer each packet of a client by the next of these bytes, and then hang up.

    What came is kept in `sent`.
    """

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            came = await reader.read(4096)
            if sent is not None:
                sent.append(came)
            writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()
    finally:
        server.close()


@in_loop
async def test_an_acknowledged_message_is_published() -> None:
    sent: list[bytes] = []
    async with _broker(_ACCEPTED, bytes((0x40, 2, 0, 1)), sent=sent) as address:
        await publish_once(*address, "topic", b"message")
    (message,) = packet.Parser().feed(sent[1])
    assert isinstance(message, packet.Publish)
    assert (message.topic, message.payload) == ("topic", b"message")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([bytes((0x20, 3, 0, 0x87, 0))], "not authorized"),
        ([_ACCEPTED, bytes((0x40, 3, 0, 1, 0x97))], "quota exceeded"),
        ([_ACCEPTED, bytes((0xE0, 1, 0x8B))], "Disconnect"),
        ([bytes((0xF0, 0))], "packet"),
    ],
)
@in_loop
async def test_a_refused_message_is_told_with_the_reason(answers: list[bytes], told: str) -> None:
    async with _broker(*answers) as address:
        with pytest.raises(RefusedError, match=told):
            await publish_once(*address, "topic", b"message")


@in_loop
async def test_a_broker_that_hangs_up_has_not_taken_the_message() -> None:
    async with _broker(_ACCEPTED, b"") as address:
        with pytest.raises(ConnectionResetError):
            await publish_once(*address, "topic", b"message")

"""One message onto a broker of this machine, over a connection of its own."""

import asyncio
import secrets
from contextlib import suppress
from typing import TypeVar

from iot_dr.drill.fleet.packet import (
    DISCONNECT,
    ConnAck,
    MalformedPacketError,
    Packet,
    Parser,
    PubAck,
    connect,
    is_failure,
    publish,
    reason_name,
)
from iot_dr.drill.region.local_client import LOCAL_CLIENT

_SIZE = 4096
_ID = 1

_Wanted = TypeVar("_Wanted", ConnAck, PubAck)


class RefusedError(Exception):
    """The broker does not take the connection or the message; the message says why."""


async def publish_once(host: str, port: int, topic: str, payload: bytes) -> None:
    """Publish with QoS 1 and wait for the acknowledgement, as long as the caller lets it.

    Raises OSError when the broker cannot be reached or hangs up, and RefusedError.
    """
    reader, writer = await asyncio.open_connection(host, port)
    parser = Parser()
    try:
        writer.write(connect(f"{LOCAL_CLIENT}front-{secrets.token_hex(8)}", 0))
        _refuse_failure((await _next(reader, parser, ConnAck)).reason)
        writer.write(publish(topic, payload, _ID))
        _refuse_failure((await _next(reader, parser, PubAck)).reason)
        writer.write(DISCONNECT)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _next(reader: asyncio.StreamReader, parser: Parser, kind: type[_Wanted]) -> _Wanted:
    """Wait for the one packet that is due: the broker sends no other to a client of one message."""
    packets: list[Packet] = []
    while not packets:
        data = await reader.read(_SIZE)
        if not data:
            raise ConnectionResetError
        try:
            packets = parser.feed(data)
        except MalformedPacketError as error:
            raise RefusedError(str(error)) from error
    if not isinstance(packets[0], kind):
        raise RefusedError(f"the broker sent {packets[0]}")
    return packets[0]


def _refuse_failure(reason: int) -> None:
    if is_failure(reason):
        raise RefusedError(reason_name(reason))

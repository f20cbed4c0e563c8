"""One MQTT connection, and the reasons why one fails."""

import asyncio
import os
import ssl
import time
from collections.abc import Callable
from typing import Final, cast

from iot_dr.drill.fleet.packet import (
    DISCONNECT,
    ConnAck,
    Disconnect,
    MalformedPacketError,
    Packet,
    Parser,
    is_failure,
    reason_name,
)

_CLOSED: Final = "closed"


class MqttLink(asyncio.Protocol):
    """An MQTT connection, which `open_link` creates; passes received packets to `on_packet`.

    `accepted` completes when the broker accepts the session, or fails with BrokerError or the
    error that ended the connection. `closed` becomes the reason why the link ended. `heard` is the
    monotonic time of the last received data.
    """

    def __init__(self, hello: bytes, on_packet: Callable[[Packet], None]) -> None:
        loop = asyncio.get_running_loop()
        self.accepted: asyncio.Future[None] = loop.create_future()
        # Retrieved, or asyncio logs an exception that no caller awaits any more.
        self.accepted.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.closed: asyncio.Future[str] = loop.create_future()
        self.heard = time.monotonic()
        self._hello, self._on_packet = hello, on_packet
        self._parser = Parser()
        self._transport: asyncio.Transport | None = None

    def send(self, packets: bytes) -> None:
        """Send packets, unless the link is closed."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packets)

    def close(self) -> None:
        """Send DISCONNECT and close."""
        self.send(DISCONNECT)
        if self._transport is not None:
            self._transport.close()

    def abort(self, why: str) -> None:
        """Abort the connection without waiting for the other side."""
        self._end(why, BrokerError(why))
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send CONNECT."""
        # Uvloop's transports are not subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        """Parse received bytes; abort the link if they are not valid MQTT."""
        self.heard = time.monotonic()
        try:
            packets = self._parser.feed(data)
        except MalformedPacketError as error:
            self.abort(str(error))
            return
        for packet in packets:
            self._take(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note why the link ended, unless a reason is known."""
        error = exc or BrokerError("closed before it was accepted")
        self._end(refusal(exc) if exc else _CLOSED, error)

    def _take(self, packet: Packet) -> None:
        if isinstance(packet, Disconnect):
            self.abort(reason_name(packet.reason))
        elif not isinstance(packet, ConnAck):
            self._on_packet(packet)
        elif is_failure(packet.reason):
            self.abort(reason_name(packet.reason))
        elif not self.accepted.done():
            self.accepted.set_result(None)

    def _end(self, why: str, error: Exception) -> None:
        if not self.accepted.done():
            self.accepted.set_exception(error)
        if not self.closed.done():
            self.closed.set_result(why)


async def open_link(
    address: tuple[str, int],
    hello: bytes,
    on_packet: Callable[[Packet], None],
    *,
    tls: tuple[ssl.SSLContext, str] | None = None,
    timeout: float = 60.0,
) -> MqttLink:
    """Connect to a broker, and wait until it accepts the session.

    `tls` is the context and the server name, for SNI and verification; `timeout` is in seconds of
    real time. Raises BrokerError, TimeoutError, or the OSError that ended the connection.
    """
    context, name = tls or (None, None)
    links: list[MqttLink] = []

    def make() -> MqttLink:
        links.append(MqttLink(hello, on_packet))
        return links[0]

    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            host, port = address
            await loop.create_connection(make, host, port, ssl=context, server_hostname=name)
            await links[0].accepted
    except BaseException:
        for link in links:
            link.accepted.cancel()
            link.abort("given up")
        raise
    return links[0]


class BrokerError(Exception):
    """A broker refused a session, sent an invalid packet, or closed the link before it answered."""


def refusal(error: BaseException) -> str:
    """Return the reason of a failed connect as text."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"server's {error.verify_message or 'certificate is not trusted'}"
    if isinstance(error, ssl.SSLError):
        words = (error.reason or "TLS failed").lower().replace("_", " ")
        return words.removeprefix("tlsv1 ").removeprefix("tlsv13 ").removeprefix("sslv3 ")
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, OSError):
        return os.strerror(error.errno).lower() if error.errno else "connection lost"
    return str(error)

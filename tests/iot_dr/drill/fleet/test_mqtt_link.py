"""One MQTT connection, and why one failed."""

import asyncio
import errno
import os
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from iot_dr.drill.fleet import packet
from iot_dr.drill.fleet.mqtt_link import BrokerError, MqttLink, open_link, refusal
from iot_dr.drill.fleet.packet import Packet, PubAck
from tests.support.drill import in_loop

_HELLO = packet.connect("thing-1", 30)
_ACCEPTED = b"\x20\x03\0\0\0"


class _Peer(asyncio.Protocol):
    """A broker that says what a test makes it say, and notes what it heard."""

    def __init__(self, answer: bytes) -> None:
        self.heard = b""
        self.gone = asyncio.get_running_loop().create_future()
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.heard:
            self.transport.write(self._answer)
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(exc)


@asynccontextmanager
async def _peer(answer: bytes) -> AsyncGenerator[tuple[_Peer, tuple[str, int]]]:
    peer = _Peer(answer)
    server = await asyncio.get_running_loop().create_server(lambda: peer, "127.0.0.1", 0)
    try:
        yield peer, server.sockets[0].getsockname()
    finally:
        server.close()
        if hasattr(peer, "transport"):
            peer.transport.abort()


async def _opened(
    address: tuple[str, int], got: list[Packet] | None = None, timeout: float = 10
) -> MqttLink:
    taken: list[Packet] = [] if got is None else got
    return await open_link(address, _HELLO, taken.append, timeout=timeout)


@in_loop
async def test_a_link_is_open_once_the_broker_accepts_it() -> None:
    async with _peer(_ACCEPTED) as (peer, address):
        link = await _opened(address)

        assert not link.closed.done()
        assert peer.heard == _HELLO


@in_loop
async def test_a_refusal_is_reported_in_the_standard_s_words() -> None:
    async with _peer(b"\x20\x03\0\x87\0") as (peer, address):
        with pytest.raises(BrokerError, match=r"^not authorized$"):
            await _opened(address)
        await peer.gone


@in_loop
async def test_what_comes_with_the_acceptance_is_not_lost() -> None:
    got: list[Packet] = []
    async with _peer(_ACCEPTED + b"\x40\x02\0\x07") as (_, address):
        await _opened(address, got)

        assert got == [PubAck(7, packet.SUCCESS)]


@in_loop
async def test_a_broker_that_hangs_up_before_it_accepts() -> None:
    async with _peer(b"") as (peer, address):
        opening = asyncio.create_task(_opened(address))
        while not peer.heard:
            await asyncio.sleep(0)
        peer.transport.close()

        with pytest.raises(BrokerError, match="closed before it was accepted"):
            await opening


@in_loop
async def test_a_broker_that_says_nothing_is_given_up() -> None:
    async with _peer(b"") as (peer, address):
        with pytest.raises(TimeoutError):
            await _opened(address, timeout=0.05)
        await peer.gone


@in_loop
async def test_opening_that_is_cancelled_leaves_no_connection() -> None:
    async with _peer(b"") as (peer, address):
        opening = asyncio.create_task(_opened(address))
        while not peer.heard:
            await asyncio.sleep(0)
        opening.cancel()

        await peer.gone
        assert opening.cancelled()


@in_loop
async def test_what_is_not_mqtt_ends_the_link_and_says_why() -> None:
    async with _peer(_ACCEPTED) as (peer, address):
        link = await _opened(address)
        peer.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        assert await link.closed == "packet of type 4 with flags 8; expected 0"
        await peer.gone


@in_loop
async def test_what_is_not_mqtt_is_not_an_acceptance() -> None:
    async with _peer(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (_, address):
        with pytest.raises(BrokerError, match="packet of type 4 with flags 8; expected 0"):
            await _opened(address)


@in_loop
async def test_a_broker_that_ends_the_link_says_why() -> None:
    async with _peer(_ACCEPTED) as (peer, address):
        link = await _opened(address)
        peer.transport.write(b"\xe0\x02\x8b\0")

        assert await link.closed == "server shutting down"


@in_loop
async def test_a_link_that_breaks_says_how() -> None:
    async with _peer(_ACCEPTED) as (peer, address):
        link = await _opened(address)
        peer.transport.abort()

        assert await link.closed in {"closed", "connection reset by peer"}
        link.send(packet.PINGREQ)


@in_loop
async def test_closing_takes_leave_of_the_broker() -> None:
    async with _peer(_ACCEPTED) as (peer, address):
        link = await _opened(address)
        link.close()
        await peer.gone

        assert peer.heard == _HELLO + packet.DISCONNECT
        assert await link.closed == "closed"


@in_loop
async def test_a_port_where_nobody_listens_refuses() -> None:
    async with _peer(b"") as (_, address):
        pass
    with pytest.raises(ConnectionRefusedError):
        await _opened(address)


def _alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] reported by OpenSSL (_ssl.c:1)")
    error.reason = reason
    return error


def _untrusted(why: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = why
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (_untrusted("certificate has expired"), "server's certificate has expired"),
        (_alert("TLSV1_ALERT_UNKNOWN_CA"), "alert unknown ca"),
        (_alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "alert certificate required"),
        (TimeoutError(), "timed out"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "connection refused"),
        (OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH)), "no route to host"),
        (ConnectionResetError(), "connection lost"),
        (BrokerError("not authorized"), "not authorized"),
    ],
)
def test_causes_have_the_same_words_whatever_the_address(error: Exception, words: str) -> None:
    assert refusal(error) == words

"""UDP sockets for the DNS traffic of a fleet."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, TypeVar, cast

ID_SIZE: Final = 2
"""Bytes of a DNS message's id: RFC 1035, section 4.1.1."""

_SIZE: Final = 16 << 20
# From asm-generic/socket.h; Python does not define it.
_SO_RCVBUFFORCE: Final = 33

Protocol = TypeVar("Protocol", bound="Datagrams")


class Datagrams(asyncio.DatagramProtocol):
    """Base of UDP protocols; `transport` is None while the socket is closed."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        # Uvloop's transports are not subclasses of asyncio's.
        self.transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the socket is closed."""
        del exc
        self.transport = None
        self.closed.set()


@asynccontextmanager
async def listening(protocol: Protocol, address: tuple[str, int]) -> AsyncGenerator[Protocol]:
    """Bind a protocol to an address with a large buffer; raises OSError if that is in use."""
    channel = roomy_socket(address)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=channel)
    try:
        yield protocol
    finally:
        transport.abort()
        await protocol.closed.wait()


def roomy_socket(address: tuple[str, int]) -> socket.socket:
    """Return a non-blocking UDP socket, bound to an address, with a large receive buffer.

    Simultaneous queries of a fleet overflow the default buffer of 208 KiB. Without CAP_NET_ADMIN
    the system's limit applies. Raises OSError if the address is in use.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        try:
            opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _SIZE)
        except PermissionError:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SIZE)
        opened.bind(address)
    except OSError:
        opened.close()
        raise
    return opened

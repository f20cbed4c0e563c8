"""UDP for a fleet's DNS."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, TypeVar, cast

_SIZE: Final = 16 << 20
# Linux has it and Python does not name it (asm-generic/socket.h).
_SO_RCVBUFFORCE: Final = 33

Protocol = TypeVar("Protocol", bound="Datagrams")


class Datagrams(asyncio.DatagramProtocol):
    """Takes datagrams and sends them; nothing is sent once the socket is closed."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the socket."""
        # No class of asyncio or uvloop says that it is one.
        self.transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the socket is closed."""
        del exc
        self.transport = None
        self.closed.set()


@asynccontextmanager
async def listening(protocol: Protocol, address: tuple[str, int]) -> AsyncGenerator[Protocol]:
    """Let a protocol have a roomy socket at an address; raises OSError where that is taken."""
    channel = roomy_socket(address)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: protocol, sock=channel)
    try:
        yield protocol
    finally:
        transport.abort()
        await protocol.closed.wait()


def roomy_socket(address: tuple[str, int]) -> socket.socket:
    """Open a UDP socket, bound to the address, that does not wait and drops few datagrams.

    A fleet asks all at once, which overruns the default buffer of 208 KiB. Without the right to go
    past the system's limit (CAP_NET_ADMIN) the buffer is as large as that. Raises OSError where the
    address is taken.
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

"""TLS servers at the loopback addresses of regional names."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

_HELLO: Final = 65_536
"""More octets than a ClientHello."""

_TRIES: Final = 20

Serving = Literal["tls", "hang", "reset", "plain"]


@dataclass
class TlsName:
    """A server at an address; its behaviour and its certificate may change while it runs.

    It waits `delay` seconds before it answers a handshake.
    """

    listener: socket.socket
    context: ssl.SSLContext
    serving: Serving = "tls"
    delay: float = 0.0
    sockets: list[socket.socket] = field(default_factory=list[socket.socket])

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                channel, _ = self.listener.accept()
            except OSError:
                return
            self._take(channel)

    def _take(self, channel: socket.socket) -> None:
        channel.settimeout(5)
        if self.serving == "hang":
            self.sockets.append(channel)
            return
        if self.serving in ("reset", "plain"):
            # A client may see the end before it has sent anything.
            with suppress(OSError):
                channel.recv(_HELLO)
        if self.serving == "reset":
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.serving == "plain":
            channel.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            time.sleep(self.delay)
            with suppress(OSError), self.context.wrap_socket(channel, server_side=True) as secure:
                secure.recv(1)
        channel.close()

    def stop(self) -> None:
        """Refuse connections from now on, and close those that hang."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for channel in self.sockets:
            channel.close()


@dataclass(frozen=True)
class TlsNames:
    """A server for each region, each with its own address, all with the same port."""

    port: int
    addresses: dict[str, str]
    regions: dict[str, TlsName]


@contextmanager
def tls_names(contexts: dict[str, ssl.SSLContext]) -> Generator[TlsNames]:
    """Serve TLS for each region for a `with` block."""
    addresses = {region: f"127.0.1.{place}" for place, region in enumerate(contexts, 1)}
    listeners = _listeners(list(addresses.values()))
    servers = {
        region: TlsName(listener, contexts[region])
        for region, listener in zip(contexts, listeners, strict=True)
    }
    threads = [threading.Thread(target=each.serve) for each in servers.values()]
    for thread in threads:
        thread.start()
    try:
        yield TlsNames(listeners[0].getsockname()[1], addresses, servers)
    finally:
        for server in servers.values():
            server.stop()
        for thread in threads:
            thread.join()


def _listeners(addresses: list[str]) -> list[socket.socket]:
    """Listen at each address, with a port that is free at all of them."""
    for _ in range(_TRIES):
        listeners: list[socket.socket] = []
        port = 0
        try:
            for address in addresses:
                listeners.append(socket.create_server((address, port)))
                port = listeners[0].getsockname()[1]
        except OSError:
            for listener in listeners:
                listener.close()
        else:
            return listeners
    raise OSError("no port is free at all addresses")

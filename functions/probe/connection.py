"""TCP and TLS connections that are bounded by a deadline, and the probes that only connect."""

import contextlib
import socket
import ssl
from collections.abc import Generator
from typing import Protocol

from functions.contract import HTTPS_PORT, MQTT_PORT
from functions.probe.deadline import Deadline


class Connect(Protocol):
    """Opens a TCP connection to a port of a host; raises OSError."""

    def __call__(self, host: str, port: int, deadline: Deadline, /) -> socket.socket:
        """Return the connected socket."""
        ...


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that accepts.

    Each address but the last gets half of the remaining time, so that a dead one leaves time for
    the others. The DNS lookup is not bounded: getaddrinfo has no timeout. Raises OSError, of which
    TimeoutError is a subclass.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in addresses[:-1]:
        try:
            return _open(family, kind, protocol, address, deadline.remaining() / 2)
        except OSError:
            continue
    family, kind, protocol, _, address = addresses[-1]
    return _open(family, kind, protocol, address, deadline.remaining())


def _open(
    family: int,
    kind: int,
    protocol: int,
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
    timeout: float,
) -> socket.socket:
    opened = socket.socket(family, kind, protocol)
    try:
        opened.settimeout(timeout)
        opened.connect(address)
    except OSError:
        opened.close()
        raise
    return opened


class TcpProbe:
    """Connects to MQTT_PORT of a host; tests neither certificate nor authorization nor broker."""

    def __init__(self, host: str, *, connect: Connect = connect) -> None:
        self._host = host
        self._connect = connect

    def __call__(self, deadline: Deadline) -> None:
        """Connect and close; raises OSError if it fails within the deadline or exceeds it."""
        self._connect(self._host, MQTT_PORT, deadline).close()


@contextlib.contextmanager
def tls_connection(
    host: str, deadline: Deadline, connect: Connect, tls_context: ssl.SSLContext
) -> Generator[ssl.SSLSocket]:
    """Connect to port 443 and perform the TLS handshake, for the length of a `with` block.

    Raises OSError, of which ssl.SSLError and TimeoutError are subclasses.
    """
    with connect(host, HTTPS_PORT, deadline) as tcp:
        tcp.settimeout(deadline.remaining())
        # AWS IoT selects the domain configuration, and with it the certificate, by SNI.
        # docs.aws.amazon.com/iot/latest/developerguide/transport-security.html
        with tls_context.wrap_socket(tcp, server_hostname=host) as tls:
            yield tls


class TlsProbe:
    """Performs a TLS handshake: shows that the certificate is served, and nothing beyond."""

    def __init__(
        self, host: str, *, connect: Connect = connect, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._host = host
        self._connect = connect
        self._tls_context = tls_context or ssl.create_default_context()

    def __call__(self, deadline: Deadline) -> None:
        """Connect, perform the handshake and close.

        Raises OSError if it fails or exceeds the deadline.
        """
        with tls_connection(self._host, deadline, self._connect, self._tls_context):
            pass

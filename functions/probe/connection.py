"""TCP connections whose total time is bounded by a deadline."""

import socket
from typing import Protocol

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

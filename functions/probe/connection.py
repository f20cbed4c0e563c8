"""TCP connections that a deadline bounds as a whole."""

import socket
from typing import Protocol

from functions.probe.deadline import Deadline


class Connect(Protocol):
    """Opens a TCP connection to a port of a host; raises OSError when it cannot."""

    def __call__(self, host: str, port: int, deadline: Deadline, /) -> socket.socket:
        """Give the connected socket."""
        ...


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that answers.

    Each address but the last gets half of what is left, so that one that is dead does not use up
    the others' time. Looking the name up cannot be bounded from here. Raises OSError, of which
    TimeoutError is one.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _, address in addresses[:-1]:
        try:
            return _open(family, kind, protocol, address, deadline.left() / 2)
        except OSError:
            continue
    family, kind, protocol, _, address = addresses[-1]
    return _open(family, kind, protocol, address, deadline.left())


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

"""Whether the process at the other end of a loopback connection belongs to this user.

Linux answers exact questions about a TCP socket by netlink: man7.org/linux/man-pages/man7/
sock_diag.7.html. Its table /proc/net/tcp may miss rows while connections come and go, and takes
milliseconds to read.
"""

import os
import socket
import struct
from typing import Final

_HOST: Final = "127.0.0.1"
_SOCK_DIAG: Final = 4
_BY_FAMILY: Final = 20
_REQUEST: Final = 1
_ANY: Final = 0xFFFFFFFF
_HEADER: Final = struct.Struct("=IHHII")
# The length of the answer's fields before the user's id: family to timer, the socket, counters.
_USER_AT: Final = _HEADER.size + 4 + 48 + 12


def is_own(client_port: int, server_port: int) -> bool:
    """Return whether the client's socket is this user's, who has the server's.

    Every socket counts as such where the system does not tell, as outside of Linux.
    """
    return _owner(client_port, server_port) == os.getuid() or not _can_tell()


def _can_tell() -> bool:
    """Ask for the owner of a connection that is this process's own."""
    with (
        socket.create_server((_HOST, 0)) as server,
        socket.create_connection(server.getsockname()[:2]) as client,
    ):
        return _owner(client.getsockname()[1], server.getsockname()[1]) is not None


def _owner(client_port: int, server_port: int) -> int | None:
    host = socket.inet_aton(_HOST).ljust(16, b"\0")
    wanted = struct.pack("!HH", client_port, server_port) + host * 2
    question = (
        struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY)
        + wanted
        + struct.pack("=III", 0, _ANY, _ANY)
    )
    header = _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
            kernel.send(header + question)
            answer = kernel.recv(8192)
    except (AttributeError, OSError):
        return None
    kind: int = _HEADER.unpack_from(answer)[1]
    return struct.unpack_from("=I", answer, _USER_AT)[0] if kind == _BY_FAMILY else None

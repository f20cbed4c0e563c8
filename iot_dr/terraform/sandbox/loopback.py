"""The only port of the sandbox's process."""

import errno
import socket
import sys
from typing import Final

HOST: Final = "127.0.0.1"
"""The only address that the sandbox listens on."""

_BACKLOG = 128


def confined_listener() -> socket.socket:
    """Listen on a port that the system chooses, and refuse all other ports and connections.

    Connections queue until they are accepted. From then on this process can neither connect nor
    listen elsewhere, which confines moto and its dependencies: attempts raise PermissionError.
    """
    listening = socket.create_server((HOST, 0), backlog=_BACKLOG)
    sys.addaudithook(_refuse)
    return listening


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.bind"}:
        raise PermissionError(errno.EPERM, f"the sandbox uses no network except its port on {HOST}")

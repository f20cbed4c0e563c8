"""The only port of the sandbox's process."""

import errno
import socket
import sys
from typing import Final

HOST: Final = "127.0.0.1"
"""The only address that the sandbox listens on."""

ACCOUNT_VARIABLE: Final = "MOTO_ACCOUNT_ID"
"""moto's variable for the id of its account."""

_BACKLOG = 128
_REACH_SECONDS: Final = 5.0


def confined_listener() -> socket.socket:
    """Listen on a port that the system chooses, and refuse all other ports and connections.

    Connections queue until they are accepted. From then on this process can neither connect nor
    listen elsewhere, which confines moto and its dependencies: attempts raise PermissionError.
    Raises OSError where the port cannot be reached, as in a network namespace whose loopback
    interface is down: each Terraform would retry for half a minute, and blame AWS's STS.
    """
    listening = socket.create_server((HOST, 0), backlog=_BACKLOG)
    try:
        with socket.create_connection(listening.getsockname(), _REACH_SECONDS):
            listening.accept()[0].close()
    except OSError as error:
        reason = error.strerror or error
        message = f"{HOST} cannot be reached ({reason}); `ip link set lo up` may be missing"
        raise OSError(message) from None
    sys.addaudithook(_refuse)
    return listening


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.bind"}:
        raise PermissionError(errno.EPERM, f"the sandbox uses no network except its port on {HOST}")

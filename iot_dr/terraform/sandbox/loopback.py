"""The loopback address, and the only port of the sandbox's process."""

import errno
import socket
import sys
from typing import Final

from iot_dr.common.user_error import UserError

HOST: Final = "127.0.0.1"
"""The only address that the sandbox listens on."""

ACCOUNT_VARIABLE: Final = "MOTO_ACCOUNT_ID"
"""moto's variable for the id of its account."""

_BACKLOG = 128
_REACH_SECONDS: Final = 5.0


class NoLoopbackError(UserError):
    """No program of this machine reaches another one."""


def require_loopback() -> None:
    """Raise NoLoopbackError where HOST cannot be reached.

    As in a network namespace whose loopback interface is down: Terraform would retry for half a
    minute, and blame AWS's STS.
    """
    try:
        with socket.create_server((HOST, 0)) as own:
            socket.create_connection(own.getsockname(), _REACH_SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise NoLoopbackError(
            f"{HOST} cannot be reached ({reason}); `ip link set lo up` may be missing"
        ) from None


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

"""The program mosquitto, and how it is configured."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.common.user_error import UserError
from iot_dr.drill.region.identity import Identity

# Debian puts it where only root's PATH leads.
_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")


class NoBrokerError(UserError):
    """This machine has no mosquitto, or its mosquitto does not run."""


def mosquitto() -> str:
    """Find the program; raises NoBrokerError that says how to install it."""
    found = shutil.which("mosquitto")
    for folder in _SYSTEM_FOLDERS:
        found = found or shutil.which("mosquitto", path=folder)
    if found is None:
        message = (
            "mosquitto is not installed, and the drill's regions need it: "
            "`apt-get install mosquitto` (Debian, Ubuntu)"
        )
        raise NoBrokerError(message)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """Where a broker listens."""

    host: str
    tls: int
    plain: int


def configuration(listeners: Listeners, served: Identity, trusted: Path) -> tuple[str, ...]:
    """Give the lines of its configuration; it trusts the certificates that `trusted` has signed."""
    return (
        "user root",  # who started it: it is to change to nobody else
        "persistence false",
        "allow_anonymous true",  # devices are known by their certificates
        "connection_messages false",
        "max_queued_messages 0",
        "max_inflight_messages 0",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_type information",
        f"listener {listeners.tls} {listeners.host}",
        f"cafile {trusted}",
        f"certfile {served.certificate}",
        f"keyfile {served.key}",
        "require_certificate true",
        "tls_version tlsv1.2",  # or later
        f"listener {listeners.plain} {listeners.host}",
    )

"""The program mosquitto: how it is configured, its folder, and whose its process is."""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.rig.region.region_config import Identity

# Debian puts it where only root's PATH leads.
_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")

_ACCOUNTS: Final = ("mosquitto", "nobody")
_BASES: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - where TMPDIR leads root alone


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
    """Return the lines of its configuration; it trusts certificates that `trusted` has signed."""
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


class BrokerFiles:
    """Files that a broker reads and nobody else, in a folder of its own, and the user it runs as.

    Root runs it as Debian's user `mosquitto`: what reads from the network needs none of root's
    rights. That user's group may read the files; it may write none, so what root writes here cannot
    be led elsewhere. The broker is started as that user, not left to change to it by itself: Linux
    forgets for a process that changes its user that it is to die with its parent. Any other user
    runs it as themselves; so does root in a user namespace without other users, where it has no
    more rights than who made the namespace.
    """

    def __init__(self) -> None:
        self.owner: tuple[int, int] | None = None
        base = _open_to_all() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="iot-dr-broker-", dir=base))
        if base is not None:
            self._lend()

    def write(self, name: str, content: bytes) -> Path:
        """Write a file, or write it anew, for the broker to read."""
        path = self.folder / name
        with whole_file(path, 0o600 if self.owner is None else 0o640) as file:
            if self.owner is not None:
                os.fchown(file.fileno(), -1, self.owner[1])
            file.write(content)
        return path

    def remove(self) -> None:
        """Remove them all."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _lend(self) -> None:
        for name in _ACCOUNTS:
            try:
                account = pwd.getpwnam(name)
                os.chown(self.folder, -1, account.pw_gid)
            except (KeyError, OSError):
                continue
            self.folder.chmod(0o750)
            self.owner = account.pw_uid, account.pw_gid
            return


def _open_to_all() -> Path | None:
    """Find a folder for temporary files that leads other users than root to a folder of theirs."""
    for folder in (Path(tempfile.gettempdir()), *_BASES):
        way = (folder.resolve(), *folder.resolve().parents)
        if folder.is_dir() and all(each.stat().st_mode & stat.S_IXOTH for each in way):
            return folder
    return None

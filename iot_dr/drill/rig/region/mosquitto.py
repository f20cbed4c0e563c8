"""The mosquitto program: its path, configuration, files and user."""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file

# Debian installs it in a folder that is only in root's PATH.
_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin")

_ACCOUNTS: Final = ("mosquitto", "nobody")
_BASES: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - if only root can enter TMPDIR


class NoBrokerError(UserError):
    """Mosquitto is not installed, or does not start."""


def mosquitto() -> str:
    """Return the program's path; raises NoBrokerError if it is not installed."""
    program = shutil.which("mosquitto")
    for folder in _SYSTEM_FOLDERS:
        program = program or shutil.which("mosquitto", path=folder)
    if program is None:
        message = (
            "mosquitto is not installed; the drill's regions need it. On Debian and Ubuntu run"
            " `apt-get install mosquitto`"
        )
        raise NoBrokerError(message)
    return program


def configuration(host: str, port: int) -> tuple[str, ...]:
    """Return the configuration's lines for a broker with one plain listener."""
    return (
        "user root",  # keeps the user that started it; see BrokerFiles
        "persistence false",
        "allow_anonymous true",  # the device gateway in front of it authenticates devices
        "connection_messages false",
        "max_queued_messages 0",
        "max_inflight_messages 0",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_type information",
        f"listener {port} {host}",
    )


class BrokerFiles:
    """Private files of a broker, and the user that it runs as.

    Root runs the broker as Debian's user `mosquitto`, else as `nobody`, without root's privileges.
    That user's group can read the files but not write them, so it cannot redirect root's writes
    with links. The broker is started as that user: if mosquitto changed its user itself, Linux
    would clear its parent death signal (prctl(2), PR_SET_PDEATHSIG). Other users run it as
    themselves; so does root in a user namespace without other users, where root has no more
    privileges than they.
    """

    def __init__(self) -> None:
        self.owner: tuple[int, int] | None = None
        base = _open_to_all() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="iot-dr-broker-", dir=base))
        if base is not None:
            self._lend()

    def write(self, name: str, content: bytes) -> Path:
        """Write or replace a file that the broker reads."""
        path = self.folder / name
        with whole_file(path, 0o600 if self.owner is None else 0o640) as file:
            if self.owner is not None:
                os.fchown(file.fileno(), -1, self.owner[1])
            file.write(content)
        return path

    def remove(self) -> None:
        """Remove all files."""
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
    """Return a folder for temporary files that other users than root can enter, or None."""
    for folder in (Path(tempfile.gettempdir()), *_BASES):
        ancestors = (folder.resolve(), *folder.resolve().parents)
        if folder.is_dir() and all(each.stat().st_mode & stat.S_IXOTH for each in ancestors):
            return folder
    return None

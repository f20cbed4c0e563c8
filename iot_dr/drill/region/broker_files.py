"""A broker's folder, and whose its process is."""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from iot_dr.common.whole_file import whole_file

_ACCOUNTS: Final = ("mosquitto", "nobody")
_BASES: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - where TMPDIR leads root alone


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

"""Temporary folders of a run; the next run removes them if this one is killed.

Plans and states in them contain secrets. A folder is locked while its run is alive, or a child that
inherited the lock: an unlocked folder belongs to a dead run.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "iot-dr-run-"
UNWRITTEN_STATE: Final = "errored.tfstate"
"""The file in which Terraform leaves a state that it could not write to its backend."""

_LOCKS: Final[list[int]] = []


def use_own_folder() -> None:
    """Put this process's temporary files into a folder of its own, removed at exit.

    If the folder cannot be created, the usual temporary folder is used. On a file system without
    locks the folder is unlocked, and another run never removes it.
    """
    with suppress(OSError):
        outer = Path(tempfile.gettempdir())
        remove_stale_folders(_PREFIX, outer)
        folder, lock = locked_folder(_PREFIX, outer)
        # A drill's MQTT broker runs as another user and must reach its own folder. Other users
        # cannot list this folder, and the folders in it are private.
        folder.chmod(0o711)
        _LOCKS.append(lock)
        tempfile.tempdir = str(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def run_locks() -> tuple[int, ...]:
    """Return the descriptors that keep this run's folder locked in a child that inherits them.

    Empty if this run has no folder of its own.
    """
    return tuple(_LOCKS)


def temporary_folder() -> Path:
    """Return the folder of temporary files, for a user who has to free some space in it."""
    folder = Path(tempfile.gettempdir())
    return folder.parent if folder.name.startswith(_PREFIX) else folder


def locked_folder(prefix: str, parent: Path) -> tuple[Path, int]:
    """Create, open and lock a folder; return its path and the open descriptor.

    The lock lasts until every process that has the descriptor has closed it. On a file system that
    cannot lock folders there is none. Raises OSError if the folder cannot be created.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            # Some network file systems cannot lock folders; then no run removes them either.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            # Another run may have removed it before it was locked.
            if folder.exists():
                return folder, lock
            os.close(lock)


def remove_stale_folders(prefix: str, parent: Path) -> None:
    """Remove the folders of this user's dead runs, except those with an unwritten state.

    Raises OSError if `parent` cannot be listed; a folder that cannot be removed is skipped.
    """
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(prefix)]
    for name in names:
        with suppress(OSError):
            _remove_unlocked(parent / name)


def _remove_unlocked(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid != os.getuid():
            return
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not any(folder.rglob(UNWRITTEN_STATE)):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)

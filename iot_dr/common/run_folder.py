"""Folders that the next run removes where the run that made them was killed.

Plans and states in them hold secrets. Each is locked as long as its run lives, or a process that
was handed the lock: one that is not locked is left of a run that is dead.
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
    """Let this process make its temporary files in a folder of its own, and remove it at the end.

    Where none can be made, or locked, the files are made where they are otherwise.
    """
    with suppress(OSError):
        outer = Path(tempfile.gettempdir())
        remove_left(_PREFIX, outer)
        folder, lock = locked_folder(_PREFIX, outer)
        # The user that a broker runs as must come to its folder. Whatever is made here is closed to
        # others itself, and they cannot list it.
        folder.chmod(0o711)
        _LOCKS.append(lock)
        tempfile.tempdir = str(folder)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def run_locks() -> tuple[int, ...]:
    """Return the files whose inheritance keeps this run's folder from being removed."""
    return tuple(_LOCKS)


def temporary_folder() -> Path:
    """Return the folder of temporary files, for a user who has to make room in it."""
    folder = Path(tempfile.gettempdir())
    return folder.parent if folder.name.startswith(_PREFIX) else folder


def locked_folder(prefix: str, parent: Path) -> tuple[Path, int]:
    """Make a folder, and open and lock it; it stays locked until all who have it open close it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            # Some network file systems lock no folder, and then for nobody.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            # Another run may have taken it for left until it was locked.
            if folder.exists():
                return folder, lock
            os.close(lock)


def remove_left(prefix: str, parent: Path) -> None:
    """Remove the folders that dead runs of this user have left, but for an unwritten state."""
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

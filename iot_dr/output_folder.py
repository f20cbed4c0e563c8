"""A folder of output that is replaced as a whole or not at all."""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from iot_dr.user_error import UsageError

_MANIFEST = "manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class OutputFolderError(UsageError):
    """The folder cannot be written, or holds something that is not ours to replace."""


@contextmanager
def replaced(folder: Path) -> Generator[Path]:
    """Give an empty folder that takes the place of `folder` when the block ends well.

    When the block raises, `folder` is left as it was. Raises OutputFolderError for a folder that
    CDKTF did not write (no manifest.json in it), so that a slip in `--out` deletes nothing.
    """
    target = folder.resolve()
    _refuse_foreign(target)
    fresh = _folder_beside(target)
    try:
        yield fresh
        _take_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        message = f"{target}: is a file; name a folder for the output"
        raise OutputFolderError(message)
    if target.is_dir() and any(target.iterdir()) and not (target / _MANIFEST).is_file():
        message = (
            f"{target}: has files but no {_MANIFEST}, so it is no earlier output and would be"
            " lost; name another folder, or empty this one first"
        )
        raise OutputFolderError(message)


def _folder_beside(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        message = f"{target}: cannot be written: {error.strerror}"
        raise OutputFolderError(message) from None
    # mkdtemp closes its folders to others; this one is to be as any other folder.
    mask = os.umask(0)
    os.umask(mask)
    fresh.chmod(0o777 & ~mask)
    return fresh


def _take_place(fresh: Path, target: Path) -> None:
    if target.exists() and not _exchange(fresh, target):
        # No atomic exchange here (not Linux, or an old file system): the earlier output comes
        # back if the second rename fails.
        earlier = fresh.with_name(f"{fresh.name}.earlier")
        target.rename(earlier)
        try:
            fresh.rename(target)
        except OSError:
            earlier.rename(target)
            raise
        shutil.rmtree(earlier, ignore_errors=True)
    elif not target.exists():
        fresh.rename(target)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can: man 2 renameat2."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0

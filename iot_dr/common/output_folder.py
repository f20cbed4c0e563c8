"""Output folders: replaced as a whole or not at all, or merged file by file."""

import ctypes
import json
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from iot_dr.common.full_disk import is_full
from iot_dr.common.run_folder import locked_folder, remove_stale_folders
from iot_dr.common.user_error import UsageError

_FRESH = "iot-dr-"
MANIFEST = "manifest.json"
"""The manifest of CDKTF, and that of plans."""
_WRITTEN = {MANIFEST, "stacks"}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class OutputFolderError(UsageError):
    """The folder cannot be written, or contains files that must not be replaced."""


def replacing_folder(folder: Path) -> AbstractContextManager[Path]:
    """Yield an empty folder that replaces `folder` when the block ends without an error.

    If the block raises, `folder` is left as it was. Raises OutputFolderError if `folder` contains
    files that CDKTF does not write, so that a wrong `--out` deletes nothing, if it is a file or the
    working folder, and if it cannot be written. If the disk is full, raises an OSError that names
    the file by its path in `folder`.
    """
    return _written(folder, _refuse_foreign, _take_place)


def merging_folder(folder: Path) -> AbstractContextManager[Path]:
    """Yield an empty folder whose files are moved into `folder` when the block ends.

    Other files in `folder` stay. If the block raises, nothing is moved; if a move fails, earlier
    ones stay. Raises the same errors as `replacing_folder`, but accepts files that CDKTF does not
    write, and the working folder.
    """
    return _written(folder, lambda _target: None, _lay_over)


@contextmanager
def _written(
    folder: Path, refuse: Callable[[Path], None], put: Callable[[Path, Path], None]
) -> Generator[Path]:
    try:
        target = folder.resolve()
        refuse(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh, lock = _folder_next_to(target)
    except (OSError, RuntimeError) as error:  # resolve() raises it for a loop of links
        raise _unwritable(folder, error) from None
    try:
        with _named_as_in(target, fresh):
            yield fresh
        try:
            put(fresh, target)
        except OSError as error:
            raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        os.close(lock)


@contextmanager
def _named_as_in(target: Path, fresh: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        name = Path(error.filename2 or error.filename or "")
        if not is_full(error) or not name.is_relative_to(fresh):
            raise
        named = str(target / name.relative_to(fresh))
        raise OSError(error.errno, error.strerror, named) from error


def _unwritable(folder: Path, error: OSError | RuntimeError) -> OutputFolderError | OSError:
    if isinstance(error, OSError) and is_full(error):
        return OSError(error.errno, error.strerror, str(folder))
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return OutputFolderError(f"{folder}: cannot be written: {reason}")


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        message = f"{target}: is a file; expected a folder for the output"
        raise OutputFolderError(message)
    if target == Path.cwd():
        message = (
            f"{target}: is the working folder, which cannot be replaced; expected another folder"
        )
        raise OutputFolderError(message)
    if target.is_dir() and not _is_output(target):
        message = (
            f"{target}: contains files that are not an earlier output and would be lost; expected"
            " another folder, or an empty one"
        )
        raise OutputFolderError(message)


def _is_output(target: Path) -> bool:
    """Whether a folder is empty, or contains only files that CDKTF writes."""
    names = {path.name for path in target.iterdir()}
    if not names:
        return True
    if not names <= _WRITTEN:
        return False
    try:
        manifest = json.loads((target / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and {"version", "stacks"} <= manifest.keys()


def _folder_next_to(target: Path) -> tuple[Path, int]:
    prefix = f".{target.name}.{_FRESH}"
    remove_stale_folders(prefix, target.parent)
    fresh, lock = locked_folder(prefix, target.parent)
    # mkdtemp makes a private folder; this one needs the usual mode.
    mask = os.umask(0)
    os.umask(mask)
    fresh.chmod(0o777 & ~mask)
    return fresh, lock


def _take_place(fresh: Path, target: Path) -> None:
    if target.exists() and not _exchange(fresh, target):
        # No atomic exchange (not Linux, or an old file system): the earlier output is restored if
        # the second rename fails.
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


def _lay_over(fresh: Path, target: Path) -> None:
    # Files come last, by renames, which need no space.
    paths = [path.relative_to(fresh) for path in sorted(fresh.rglob("*"))]
    for path in (Path(), *paths):
        if (fresh / path).is_dir():
            (target / path).mkdir(exist_ok=True)
    for path in paths:
        if not (fresh / path).is_dir():
            (fresh / path).replace(target / path)


def _exchange(first: Path, second: Path) -> bool:
    """Swap two folders in one step (man 2 renameat2); return False if the system cannot."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(first), os.fsencode(second)
    return renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0

"""What more than one test process needs, made by the first of them that asks."""

import fcntl
import hashlib
import json
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from iot_dr.common.whole_file import whole_file

T = TypeVar("T")

_folders: list[Path] = []


@contextmanager
def sharing(folder: Path) -> Generator[None]:
    """Share with all test processes that name the same folder, for a `with` block."""
    folder.mkdir(exist_ok=True)
    _folders.append(folder)
    try:
        yield
    finally:
        _folders.remove(folder)


def shared_folder() -> Path:
    """Return the folder that test processes share at present."""
    return _folders[-1]


def made_once(key: str, make: Callable[[], T]) -> T:
    """Give what `make` gives, which is JSON; others that ask for the key meanwhile wait for it.

    Outside of `sharing`, as in a program, it is made anew.
    """
    if not _folders:
        return make()
    with _only_one_at(key) as file:
        if not file.exists():
            content = json.dumps(make()).encode()
            with whole_file(file) as written:
                written.write(content)
    return json.loads(file.read_bytes())


def copied(
    key: str, make: Callable[[Path], object], folder: Path, *, is_linked: bool = False
) -> None:
    """Fill a folder with what `make` fills one with, which is made once, as for `made_once`.

    Where it is linked, files are the same in all such folders: nobody may write into one.
    """
    if not _folders:
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
        return
    with _only_one_at(key) as made:
        if not made.exists():
            part = made.with_suffix(".part")
            part.mkdir(exist_ok=True)
            make(part)
            part.rename(made)
    (link if is_linked else _copy)(made, folder)


def link(source: Path, folder: Path) -> None:
    """Make `folder` one with the same files as `source` has."""
    _copy(source, folder, "--link")


def _copy(source: Path, folder: Path, *options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", *options, f"{source}/.", folder], check=True)  # noqa: S607 - the user's


@contextmanager
def _only_one_at(key: str) -> Generator[Path]:
    """Give what the key names in the folder that is shared, alone for the length of the block."""
    made = _folders[-1] / hashlib.sha256(key.encode()).hexdigest()
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made

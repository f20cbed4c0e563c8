"""Results that several test processes need; the first process that needs one creates it."""

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
    """Share results with all test processes that use the same folder, for a `with` block."""
    folder.mkdir(exist_ok=True)
    _folders.append(folder)
    try:
        yield
    finally:
        _folders.remove(folder)


def shared_folder() -> Path:
    """Return the folder that test processes currently share."""
    return _folders[-1]


def made_once(key: str, make: Callable[[], T]) -> T:
    """Return the result of `make`, which is JSON; concurrent calls with the key wait for it.

    Outside `sharing`, as in a program, it is created again.
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
    """Fill a folder with the files that `make` creates once, as `made_once` does.

    With `is_linked`, all such folders have the same files: nobody may write into one.
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
    """Create `folder` with hard links to the files of `source`."""
    _copy(source, folder, "--link")


def _copy(source: Path, folder: Path, *options: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", *options, f"{source}/.", folder], check=True)  # noqa: S607 - the user's


@contextmanager
def _only_one_at(key: str) -> Generator[Path]:
    """Yield the key's path in the shared folder, exclusively for the length of the block."""
    made = _folders[-1] / hashlib.sha256(key.encode()).hexdigest()
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield made

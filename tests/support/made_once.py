"""What more than one test process needs, made by the first of them that asks."""

import fcntl
import hashlib
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from iot_dr.whole_file import whole_file

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


def made_once(key: str, make: Callable[[], T]) -> T:
    """Give what `make` gives, which is JSON; others that ask for the key meanwhile wait for it.

    Outside of `sharing`, as in a program, it is made anew.
    """
    if not _folders:
        return make()
    file = _folders[-1] / hashlib.sha256(key.encode()).hexdigest()
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            content = json.dumps(make()).encode()
            with whole_file(file) as written:
                written.write(content)
    return json.loads(file.read_bytes())

"""The folder in which jsii keeps unpacked packages between runs."""

import os
import stat
import sys
from pathlib import Path

SWITCH = "JSII_RUNTIME_PACKAGE_CACHE"
ROOT = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"


def unusable_root(engine: str) -> Path | None:
    """Return the cache folder if jsii would fail on it, else None.

    jsii fails if the folder lacks the engine's packages and cannot be written, or if it is the
    default folder and other users may write there. None also if the user has switched the cache on
    or off, and on Windows unless the user has chosen the folder.
    """
    if os.environ.get(SWITCH):
        return None
    chosen = os.environ.get(ROOT)
    root = Path(chosen) if chosen else _usual_root()
    if root is None:
        return None
    try:
        is_filled = (root / f"@{engine}" / "provider-aws").is_dir()
        is_usable = (is_filled or _is_writable(root)) and (bool(chosen) or _is_private(root))
    except OSError:  # a folder on the way may not even be entered
        is_usable = False
    return None if is_usable else root


def _usual_root() -> Path | None:
    """Return the default folder of jsii 1.142; None on Windows, where more decides on it."""
    if os.name == "nt":
        return None
    home = os.path.expanduser("~")  # noqa: PTH111 - it asks the system where HOME is not set
    if sys.platform == "darwin":
        return Path(home, "Library", "Caches", "com.amazonaws.jsii", "package-cache")
    return Path(home, ".cache", "aws", "jsii", "package-cache")


def _is_writable(folder: Path) -> bool:
    existing = _existing(folder)[0]
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _is_private(folder: Path) -> bool:
    """Whether no other user owns or could replace a folder on the path, as jsii requires."""
    return all(
        status.st_uid in {os.getuid(), 0}
        and (not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_mode & stat.S_ISVTX)
        for status in (path.stat() for path in _existing(folder.resolve()))
    )


def _existing(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.parents) if path.exists()]

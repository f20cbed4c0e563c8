"""The files of all environments in a folder, as one of them sees the others."""

from pathlib import Path
from typing import Any, cast

from environments import document
from environments.bounded_file import LARGEST_SETTINGS, UnusableFileError, content_of
from environments.errors import SettingsError


def files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names of their environments."""
    return {path.stem: path for path in sorted(folder.glob("[a-z]*.yaml"))}


def data_of(path: Path) -> dict[str, object] | None:
    """Return the data of another environment's file, None where it cannot be read.

    That file's own commands report what is wrong with it; nothing can be concluded from it here.
    """
    try:
        return document.read(content_of(path, LARGEST_SETTINGS), path.name).data
    except (UnusableFileError, SettingsError):
        return None


def block_of(data: dict[str, object], key: str) -> dict[str, Any] | None:
    """Return a block of a file, None where there is none."""
    block = data.get(key)
    return cast("dict[str, Any]", block) if isinstance(block, dict) else None

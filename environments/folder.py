"""The files of all environments in a folder, as one of them sees the others."""

from pathlib import Path
from typing import Any, cast

from environments import document
from environments.errors import SettingsError


def files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names of their environments."""
    return {path.stem: path for path in sorted(folder.glob("[a-z]*.yaml"))}


def data_of(path: Path) -> dict[str, object]:
    """Return what another file says; what is wrong with that file, it tells itself."""
    try:
        return document.read(path.read_bytes(), path.name).data
    except (OSError, SettingsError):
        return {}


def block_of(data: dict[str, object], key: str) -> dict[str, Any] | None:
    """Return a block of a file, None where there is none."""
    block = data.get(key)
    return cast("dict[str, Any]", block) if isinstance(block, dict) else None

"""The record of what an emission wrote into a folder."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from iot_dr.common.output_folder import OutputFolderError
from iot_dr.common.plain_text import plain
from iot_dr.common.whole_file import whole_file
from iot_dr.terraform_json.json_file import JsonFileError, read_json
from iot_dr.terraform_json.json_value import Json, is_mapping, sequence

MANIFEST: Final = ".iot-dr-emitted.json"
"""The name of the file in the folder."""

_REMEDY: Final = "restore it from version control, or name an empty folder"

Files = Mapping[str, frozenset[str]]
"""The digests that each emitted file may have, by its path in the folder.

There are two of one that was being replaced when the emission was cut off: before and after.
"""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; raises OSError when it cannot be read."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_manifest(folder: Path) -> Files:
    """Return what earlier emissions wrote into a folder; nothing when there is no manifest.

    Raises OutputFolderError for a manifest that is damaged or names a place out of the folder.
    """
    path = folder / MANIFEST
    if path.is_symlink():
        raise _damaged(path, "is a link")
    if not path.exists():
        return {}
    try:
        document = read_json(path)
    except JsonFileError as error:
        raise OutputFolderError(f"{error}; {_REMEDY}") from None
    files = document.get("files") if is_mapping(document) else None
    if not is_mapping(files) or not all(map(_is_inside, files)):
        raise _damaged(path, "does not list files of this folder")
    return {name: frozenset(_digests(value, path)) for name, value in files.items()}


def write_manifest(folder: Path, files: Files) -> None:
    """Write the manifest, whole or not at all; raises OSError when it cannot be written."""
    document = {"files": {name: sorted(digests) for name, digests in files.items()}}
    with whole_file(folder / MANIFEST) as file:
        file.write(json.dumps(document, indent=2, sort_keys=True).encode() + b"\n")


def _damaged(path: Path, what: str) -> OutputFolderError:
    return OutputFolderError(f"{plain(str(path))}: {what}; {_REMEDY}")


def _digests(value: Json, path: Path) -> list[str]:
    digests = [each for each in sequence(value) if isinstance(each, str)]
    if not digests:
        raise _damaged(path, "does not give the digests of each file")
    return digests


def _is_inside(name: str) -> bool:
    """Tell whether a name is that of a file below the folder, in the one form it is written in."""
    path = PurePosixPath(name)
    return (
        name.isprintable()
        and name == str(path)
        and not path.is_absolute()
        and bool(path.parts)
        and ".." not in path.parts
        and name != MANIFEST
    )

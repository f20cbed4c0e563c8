"""The output folder of modules, which may also contain the user's files.

A new folder is created atomically. In an existing one, nothing changes before all conflicts are
checked; then each file is renamed into place, so that after a crash each file is either the old or
the new one. The manifest is written before the first rename, with the digests of old and new files,
and after the last one, with the new digests only. So it is always valid, and the next emission can
continue after an interrupted one.
"""

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from iot_dr.common.full_disk import is_full
from iot_dr.common.output_folder import OutputFolderError, replacing_folder
from iot_dr.common.plain_text import plain
from iot_dr.common.run_folder import locked_folder, remove_stale_folders
from iot_dr.common.whole_file import whole_file
from iot_dr.terraform_json.json_file import JsonFileError, read_json, system_reason
from iot_dr.terraform_json.json_value import Json, is_mapping, sequence
from iot_dr.terraform_json.listing import listing

_DRAFT: Final = ".iot-dr-draft."

MANIFEST: Final = ".iot-dr-emitted.json"
"""The manifest's file name."""

_REMEDY: Final = "restore it from version control, or use an empty folder"

Files = Mapping[str, frozenset[str]]
"""The valid digests of each emitted file, by its path in the folder.

A file has two, old and new, if an emission was interrupted.
"""


@contextmanager
def emission_folder(folder: Path, *, force: bool) -> Generator[Path]:
    """Yield an empty draft folder; move its files to `folder` at the end of the block.

    With `force`, `folder` need not be empty: files of an earlier emission are replaced or removed,
    and others stay. If the block raises, `folder` does not change.

    Raises OutputFolderError for a folder that is not empty, without `force`; for an emitted file
    that was edited; for a file of the user at the path of a new one; for a symbolic link in such a
    path; for a damaged manifest; and if a file cannot be written, but OSError if the disk is full.
    """
    with _folder_errors(folder):
        is_new = not folder.is_dir()
    if is_new:
        with replacing_folder(folder) as draft:
            yield draft
            with _folder_errors(folder):
                write_manifest(draft, _files(draft))
        return
    with _folder_errors(folder):
        target = folder.resolve()
        remove_stale_folders(_DRAFT, target)
        _refuse_full(target, force=force)
        earlier = read_manifest(target)
        draft, lock = locked_folder(_DRAFT, target)
    try:
        yield draft
        with _folder_errors(folder):
            _put_in_place(draft, target, earlier)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(lock)


@contextmanager
def _folder_errors(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise
        message = f"{plain(str(folder))}: cannot be written: {system_reason(error)}"
        raise OutputFolderError(message) from None


def _refuse_full(target: Path, *, force: bool) -> None:
    if not force and any(target.iterdir()):
        message = (
            f"{plain(str(target))}: is not empty; use an empty folder, or --force to replace the"
            " files of an earlier emission and keep others"
        )
        raise OutputFolderError(message)


def _files(folder: Path) -> Files:
    return {
        path.relative_to(folder).as_posix(): frozenset({digest(path)})
        for path in folder.rglob("*")
        if path.is_file()
    }


def _put_in_place(draft: Path, target: Path, earlier: Files) -> None:
    new = _files(draft)
    stale = earlier.keys() - new.keys()
    _refuse_links(target, earlier.keys() | new.keys())
    _refuse_edited(target, earlier)
    _refuse_own(target, new.keys() - earlier.keys(), stale)
    names = earlier.keys() | new.keys()
    nothing = frozenset[str]()
    write_manifest(
        target, {name: earlier.get(name, nothing) | new.get(name, nothing) for name in names}
    )
    for name in stale:
        _remove(target, name)
    for name in new:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).replace(target / name)
    write_manifest(target, new)


def _remove(target: Path, name: str) -> None:
    with suppress(FileNotFoundError, NotADirectoryError):
        (target / name).unlink()
    for folder in _folders(name):
        with suppress(OSError):  # not empty, or already removed
            (target / folder).rmdir()


def _folders(name: str) -> list[PurePosixPath]:
    """Return a file's parent folders, innermost first."""
    return list(PurePosixPath(name).parents)[:-1]


def _refuse_links(target: Path, names: Iterable[str]) -> None:
    folders = {folder for name in names for folder in _folders(name)}
    links = [str(folder) for folder in folders if (target / folder).is_symlink()]
    if links:
        message = f"{_named(target, links)}: is a symbolic link; replace it by a folder"
        raise OutputFolderError(message)


def _refuse_edited(target: Path, earlier: Files) -> None:
    edited = [name for name in earlier if _is_edited(target / name, earlier[name])]
    if edited:
        message = (
            f"{_named(target, edited)}: was edited after it was emitted; move the change to another"
            " file or delete the file, then emit again"
        )
        raise OutputFolderError(message)


def _is_edited(path: Path, digests: Collection[str]) -> bool:
    try:
        is_regular = stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not is_regular or digest(path) not in digests


def _refuse_own(target: Path, names: Iterable[str], stale: Collection[str]) -> None:
    """Raise OutputFolderError for the user's files at the paths of new ones."""
    folders = {str(folder) for name in stale for folder in _folders(name)}
    own = {
        conflict.relative_to(target).as_posix()
        for name in names
        for place in (name, *_folders(name))
        for conflict in _standing(target / place, is_folder=place != name)
        if conflict.relative_to(target).as_posix()
        not in (folders if _is_folder(conflict) else stale)
    }
    if own:
        message = f"{_named(target, own)}: is not an emitted file, but has its path; move it"
        raise OutputFolderError(message)


def _standing(path: Path, *, is_folder: bool) -> list[Path]:
    """Return the existing files in the place of a new file or folder."""
    if _is_folder(path):
        return [] if is_folder else list(path.rglob("*")) or [path]
    return [path] if path.is_symlink() or path.exists() else []


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _named(target: Path, names: Collection[str]) -> str:
    return f"{plain(str(target))}: {listing([plain(name) for name in sorted(names)], 10)}"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; raises OSError if it cannot be read."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_manifest(folder: Path) -> Files:
    """Return the files of earlier emissions; empty without a manifest.

    Raises OutputFolderError for a damaged manifest, or one with paths outside of the folder.
    """
    path = folder / MANIFEST
    if path.is_symlink():
        raise _damaged(path, "is a symbolic link")
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
    """Write the manifest atomically; raises OSError if it cannot be written."""
    document = {"files": {name: sorted(digests) for name, digests in files.items()}}
    with whole_file(folder / MANIFEST) as file:
        file.write(json.dumps(document, indent=2, sort_keys=True).encode() + b"\n")


def _damaged(path: Path, problem: str) -> OutputFolderError:
    return OutputFolderError(f"{plain(str(path))}: {problem}; {_REMEDY}")


def _digests(value: Json, path: Path) -> list[str]:
    digests = [each for each in sequence(value) if isinstance(each, str)]
    if not digests:
        raise _damaged(path, "has a file without digests")
    return digests


def _is_inside(name: str) -> bool:
    """Whether a name is a normalized relative path of a file in the folder, not the manifest."""
    path = PurePosixPath(name)
    return (
        name.isprintable()
        and name == str(path)
        and not path.is_absolute()
        and bool(path.parts)
        and ".." not in path.parts
        and name != MANIFEST
    )

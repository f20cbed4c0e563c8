"""Terraform JSON in files and folders, read as stacks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from iot_dr.common.output_folder import MANIFEST
from iot_dr.common.plain_text import plain
from iot_dr.common.terraform_binary import program
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.document import NotTerraformError, parsed_resources, stack_resources
from iot_dr.terraform_json.json_file import (
    MAX_BYTES,
    JsonFileError,
    plan_to_json,
    read_content,
    read_json,
    system_reason,
)
from iot_dr.terraform_json.json_value import sequence
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.strict_json import RefusedJsonError

STACK_FILE: Final = "cdk.tf.json"
_CONFIGURATION: Final = ".tf.json"
# Caches of Terraform, Node and Python. `assets` has files that cdktf uploads unchanged.
_NOT_OURS: Final = frozenset((".terraform", "node_modules", "__pycache__", ".git", ".venv"))
_ASSETS: Final = "assets"


class NoFilesError(UsageError):
    """A path contains no Terraform JSON."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one stack; several files form one root module.

    `folder` is the name of their folder and `resolved_paths` their paths without links. `is_named`
    means that the user named the file, `has_terraform_name` that its name ends in `.tf.json`.
    """

    name: str
    folder: str
    files: tuple[Path, ...]
    resolved_paths: tuple[Path, ...]
    is_named: bool
    has_terraform_name: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """The stacks of a path, and notes about Terraform files there that are not read."""

    stacks: tuple[Source, ...]
    unread: tuple[str, ...] = ()


def sources(path: Path) -> Sources:
    """Find the stacks of a path: CDKTF's, else `.tf.json`, else plans directly in the folder.

    Raises NoFilesError for a folder without any, and for a path that cannot be read.
    """
    try:
        if not path.is_dir():
            return Sources((_source((path,), is_named=True),))
        sources_ = _in_folder(path)
    # resolve() raises RuntimeError for a path in a loop of links; a zero byte is a ValueError.
    except (OSError, RuntimeError, ValueError) as error:
        raise NoFilesError(f"{plain(str(path))}: cannot be read: {system_reason(error)}") from None
    if not sources_.stacks:
        raise NoFilesError(f"{plain(str(path))}: {_what_is_missing(path)}")
    return sources_


def _in_folder(folder: Path) -> Sources:
    files: list[Path] = []
    broken: list[str] = []
    for file in files_below(folder):
        # Editors leave broken links as locks; but a missing CDKTF stack must not pass a check.
        if file.exists() or file.name == STACK_FILE:
            files.append(file)
        else:
            broken.append(str(file.relative_to(folder)))
    readable = _readable_in(folder, files)
    note = (f"broken links in {folder}: {listing(broken)}",) if broken else ()
    return replace(readable, unread=(*readable.unread, *note))


def _readable_in(folder: Path, files: Sequence[Path]) -> Sources:
    cdktf = [each for each in files if each.name == STACK_FILE]
    if cdktf:
        return Sources(tuple(_source((each,)) for each in cdktf), _left(folder, files, cdktf))
    by_folder: dict[Path, list[Path]] = {}
    for file in files:
        if file.name.endswith(_CONFIGURATION):
            by_folder.setdefault(file.parent, []).append(file)
    if by_folder:
        read = [each for parts in by_folder.values() for each in parts]
        # Terraform reads the files of a folder as one module.
        modules = tuple(_source(tuple(parts)) for parts in by_folder.values())
        return Sources(modules, _left(folder, files, read))
    plans = [
        file
        for file in files
        if file.suffix == ".json" and file.parent == folder and file.name != MANIFEST
    ]
    # A plan contains the HCL of its folder.
    rest = [each for each in files if each.suffix == ".json"]
    return Sources(tuple(_source((each,)) for each in plans), _left(folder, rest, plans))


def _left(folder: Path, files: Sequence[Path], read: Sequence[Path]) -> tuple[str, ...]:
    """Return notes about HCL and JSON in a folder that is not read."""
    known = set(read)
    rest = [file for file in files if file not in known and file.name != MANIFEST]
    hcl = [str(each.relative_to(folder)) for each in rest if each.suffix == ".tf"]
    other_json = [str(each.relative_to(folder)) for each in rest if each.suffix != ".tf"]
    notes: list[str] = []
    if hcl:
        notes.append(
            f"HCL in {folder}: {listing(hcl)}; run {program()} plan and pass the plan as JSON"
        )
    if other_json:
        notes.append(
            f"other JSON in {folder}: {listing(other_json)}; pass the file if it is Terraform's"
        )
    return tuple(notes)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the JSON and HCL files below a folder, without those of caches and assets."""
    pending = [folder]
    while pending:
        current = pending.pop()
        inner: list[Path] = []
        for path in sorted(current.iterdir()):
            if path.is_dir() and not path.is_symlink():
                is_asset = path.name == _ASSETS and (current / STACK_FILE).is_file()
                if path.name not in _NOT_OURS and not is_asset:
                    inner.append(path)
            elif path.suffix in {".json", ".tf"}:
                yield path
        pending += reversed(inner)


def _what_is_missing(folder: Path) -> str:
    if any(path.suffix == ".tf" for path in files_below(folder)):
        return f"contains HCL, but no Terraform JSON; create it: {plan_to_json()}"
    if below := [str(each.relative_to(folder)) for each in files_below(folder) if each.exists()]:
        return f"its subfolders contain JSON ({listing(below)}): pass the plans by their names"
    return (
        "contains no Terraform JSON; expected cdk.tf.json, *.tf.json, or *.json written by"
        " terraform show -json"
    )


def _source(files: tuple[Path, ...], *, is_named: bool = False) -> Source:
    first, places = files[0], tuple(file.resolve() for file in files)
    folder = places[0].parent.name
    name = first.name.removesuffix(".json").removesuffix(".tf") or first.name
    if first.name == STACK_FILE or len(files) > 1:
        name = folder
    is_sure = first.name.endswith(_CONFIGURATION)
    return Source(name, folder, files, places, is_named=is_named, has_terraform_name=is_sure)


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """The stacks that were read, and notes about Terraform files that were not."""

    stacks: tuple[StackResources, ...]
    not_checked: tuple[str, ...]


def read_files(paths: Sequence[Path]) -> ReadFiles:
    """Read files, and the stacks in folders: CDKTF's, else `.tf.json`, else plans.

    A stack of CDKTF is named after its folder, any other after its file; equal names get their
    folder's name in front. Raises NoFilesError for a path without Terraform JSON, JsonFileError for
    an unreadable file. Other JSON in a folder is skipped with a note.
    """
    each_path = [sources(path) for path in paths]
    distinct = _distinct(source for each in each_path for source in each.stacks)
    names = _unique(distinct)
    unjudged = [note for each in each_path for note in each.unread]
    stacks: list[StackResources] = []
    for source, name in zip(distinct, names, strict=True):
        try:
            stacks.append(replace(_read(source, name), files=source.files))
        except _ForeignError as error:
            unjudged.append(str(error))
    if not stacks:
        raise NoFilesError("; ".join(unjudged) or "no file was passed")
    return ReadFiles(tuple(stacks), tuple(dict.fromkeys(unjudged)))


class _ForeignError(Exception):
    """A JSON file found in a folder is not Terraform's."""


def _distinct(candidates: Iterable[Source]) -> list[Source]:
    by_files: dict[tuple[Path, ...], Source] = {}
    for source in candidates:
        by_files.setdefault(source.resolved_paths, source)
    return list(by_files.values())


def _unique(found_sources: Sequence[Source]) -> list[str]:
    """Return distinct names: equal ones get their folder's name in front, then a number."""
    same = Counter(source.name for source in found_sources)
    longer = [
        f"{source.folder}/{source.name}" if same[source.name] > 1 else source.name
        for source in found_sources
    ]
    total, used = Counter(longer), Counter[str]()
    names: list[str] = []
    for name in longer:
        used[name] += 1
        names.append(f"{name}#{used[name]}" if total[name] > 1 else name)
    return names


def _read(source: Source, name: str) -> StackResources:
    try:
        if len(source.files) > 1:
            # A list of documents reads as one: Terraform merges the files of a folder.
            documents = [read_json(file) for file in source.files]
            joined = [block for document in documents for block in sequence(document) or [document]]
            return parsed_resources(name, joined)
        return stack_resources(name, read_content(source.files[0], MAX_BYTES))
    except NotTerraformError as error:
        if source.is_named or source.has_terraform_name:
            raise JsonFileError(source.files[0], str(error)) from None
        message = f"{plain(str(source.files[0]))}: {error}"
        raise _ForeignError(message) from None
    except RefusedJsonError as error:
        raise JsonFileError(source.files[0], str(error)) from None

"""Terraform JSON in files and folders, as stacks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.document import NotTerraformError, parsed_resources, stack_resources
from iot_dr.terraform_json.json_file import (
    MAX_BYTES,
    JsonFileError,
    read_content,
    read_json,
    system_reason,
)
from iot_dr.terraform_json.json_value import sequence
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.strict_json import RefusedJsonError

_CDKTF: Final = "cdk.tf.json"
_MANIFEST: Final = "manifest.json"
_CONFIGURATION: Final = ".tf.json"
# What Terraform, Node and Python keep for themselves, and what cdktf hands to AWS as it is.
_NOT_OURS: Final = frozenset((".terraform", "node_modules", "__pycache__", ".git", ".venv"))
_ASSETS: Final = "assets"


class NoFilesError(UsageError):
    """A path leads to no Terraform JSON."""


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
    """The stacks of a path, and what else of Terraform may be there and is not read."""

    stacks: tuple[Source, ...]
    unread: tuple[str, ...] = ()


def sources(path: Path) -> Sources:
    """Find the stacks of a path: cdktf's, else `.tf.json`, else plans in the folder itself.

    Raises NoFilesError for a folder without any, and for a path that the system refuses.
    """
    try:
        if not path.is_dir():
            return Sources((_source((path,), is_named=True),))
        found = _in_folder(path)
    # resolve() raises RuntimeError for a path in a loop of links; a zero byte is a ValueError.
    except (OSError, RuntimeError, ValueError) as error:
        raise NoFilesError(f"{plain(str(path))}: cannot be read: {system_reason(error)}") from None
    if not found.stacks:
        raise NoFilesError(f"{plain(str(path))}: {_what_is_missing(path)}")
    return found


def _in_folder(folder: Path) -> Sources:
    files: list[Path] = []
    broken: list[str] = []
    for each in _files_below(folder):
        # A stack must not be left out of a gate; editors leave links beside what they edit.
        if each.exists() or each.name == _CDKTF:
            files.append(each)
        else:
            broken.append(str(each.relative_to(folder)))
    found = _readable_in(folder, files)
    note = (f"broken links in {folder}: {listing(broken)}",) if broken else ()
    return replace(found, unread=(*found.unread, *note))


def _readable_in(folder: Path, files: Sequence[Path]) -> Sources:
    cdktf = [each for each in files if each.name == _CDKTF]
    if cdktf:
        return Sources(tuple(_source((each,)) for each in cdktf), _left(folder, files, cdktf))
    by_folder: dict[Path, list[Path]] = {}
    for file in files:
        if file.name.endswith(_CONFIGURATION):
            by_folder.setdefault(file.parent, []).append(file)
    if by_folder:
        read = [each for parts in by_folder.values() for each in parts]
        # Terraform reads the files of a folder as one module.
        found = tuple(_source(tuple(parts)) for parts in by_folder.values())
        return Sources(found, _left(folder, files, read))
    plans = [
        each
        for each in files
        if each.suffix == ".json" and each.parent == folder and each.name != _MANIFEST
    ]
    # A plan is made of the HCL that is beside it.
    rest = [each for each in files if each.suffix == ".json"]
    return Sources(tuple(_source((each,)) for each in plans), _left(folder, rest, plans))


def _left(folder: Path, files: Sequence[Path], read: Sequence[Path]) -> tuple[str, ...]:
    """Say which HCL and JSON is there besides what is read."""
    known = set(read)
    rest = [file for file in files if file not in known and file.name != _MANIFEST]
    hcl = [str(each.relative_to(folder)) for each in rest if each.suffix == ".tf"]
    other = [str(each.relative_to(folder)) for each in rest if each.suffix != ".tf"]
    notes: list[str] = []
    if hcl:
        notes.append(f"HCL in {folder}: {listing(hcl)}; plan it and name the plan")
    if other:
        notes.append(f"other JSON in {folder}: {listing(other)}; name it if it is Terraform's")
    return tuple(notes)


def _files_below(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        inner: list[Path] = []
        for path in sorted(here.iterdir()):
            if path.is_dir() and not path.is_symlink():
                is_asset = path.name == _ASSETS and (here / _CDKTF).is_file()
                if path.name not in _NOT_OURS and not is_asset:
                    inner.append(path)
            elif path.suffix in {".json", ".tf"}:
                yield path
        waiting += reversed(inner)


def _what_is_missing(folder: Path) -> str:
    if any(path.suffix == ".tf" for path in _files_below(folder)):
        return (
            "holds HCL and no Terraform JSON; plan it and name the plan:"
            " terraform plan -out plan.tfplan, then terraform show -json plan.tfplan > plan.json"
        )
    return "holds no Terraform JSON (cdk.tf.json, *.tf.json, or *.json of terraform show -json)"


def _source(files: tuple[Path, ...], *, is_named: bool = False) -> Source:
    first, places = files[0], tuple(file.resolve() for file in files)
    folder = places[0].parent.name
    name = first.name.removesuffix(".json").removesuffix(".tf") or first.name
    if first.name == _CDKTF or len(files) > 1:
        name = folder
    is_sure = first.name.endswith(_CONFIGURATION)
    return Source(name, folder, files, places, is_named=is_named, has_terraform_name=is_sure)


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """The stacks that were read, and in words what of Terraform may be there and was not."""

    stacks: tuple[StackResources, ...]
    not_checked: tuple[str, ...]


def read_files(paths: Sequence[Path]) -> ReadFiles:
    """Read files, and what is in folders: stacks of cdktf, else `.tf.json`, else plans.

    A stack is called by its folder for cdktf's output, else by its file; two of one name get their
    folder's name in front. Raises NoFilesError for a path with no Terraform JSON, JsonFileError
    for a file that cannot be read as such; JSON of something else in a folder is passed over.
    """
    each_path = [sources(path) for path in paths]
    distinct = _distinct(source for each in each_path for source in each.stacks)
    names = _unique(distinct)
    unjudged = [note for each in each_path for note in each.unread]
    stacks: list[StackResources] = []
    for source, name in zip(distinct, names, strict=True):
        try:
            stacks.append(_read(source, name))
        except _ForeignError as error:
            unjudged.append(str(error))
    if not stacks:
        raise NoFilesError("; ".join(unjudged))
    return ReadFiles(tuple(stacks), tuple(dict.fromkeys(unjudged)))


class _ForeignError(Exception):
    """A file that was found in a folder is JSON of something else."""


def _distinct(found: Iterable[Source]) -> list[Source]:
    by_files: dict[tuple[Path, ...], Source] = {}
    for source in found:
        by_files.setdefault(source.resolved_paths, source)
    return list(by_files.values())


def _unique(found: Sequence[Source]) -> list[str]:
    """Name stacks apart: by their folder where names are the same, then by a number."""
    same = Counter(source.name for source in found)
    longer = [
        f"{source.folder}/{source.name}" if same[source.name] > 1 else source.name
        for source in found
    ]
    total, met = Counter(longer), Counter[str]()
    names: list[str] = []
    for name in longer:
        met[name] += 1
        names.append(f"{name}#{met[name]}" if total[name] > 1 else name)
    return names


def _read(source: Source, name: str) -> StackResources:
    try:
        if len(source.files) > 1:
            # A list of blocks counts as their sum.
            documents = [read_json(file) for file in source.files]
            joined = [each for one in documents for each in sequence(one) or [one]]
            return parsed_resources(name, joined)
        return stack_resources(name, read_content(source.files[0], MAX_BYTES))
    except NotTerraformError as error:
        if source.is_named or source.has_terraform_name:
            raise JsonFileError(source.files[0], str(error)) from None
        message = f"{plain(str(source.files[0]))}: {error}"
        raise _ForeignError(message) from None
    except RefusedJsonError as error:
        raise JsonFileError(source.files[0], str(error)) from None

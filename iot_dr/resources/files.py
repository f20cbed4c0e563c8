"""Terraform JSON in files and folders, as stacks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from iot_dr.plain_text import plain
from iot_dr.resources.document import NoTerraformError, stack_resources
from iot_dr.resources.json_file import JsonFileError, read_json
from iot_dr.resources.json_value import Json, sequence
from iot_dr.resources.stack_resources import StackResources
from iot_dr.user_error import UsageError

_CDKTF: Final = "cdk.tf.json"
_CONFIGURATION: Final = ".tf.json"
# What Terraform, Node and Python keep for themselves.
_NOT_OURS: Final = frozenset((".terraform", "node_modules", "__pycache__", ".git", ".venv"))


class NoFilesError(UsageError):
    """A path leads to no Terraform JSON."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The files of one stack; several are one root module."""

    name: str
    files: tuple[Path, ...]


def read_files(paths: Sequence[Path]) -> tuple[StackResources, ...]:
    """Read files, and what is in folders: stacks of cdktf, else `.tf.json`, else plans.

    A stack is called by its folder for cdktf's output, else by its file; two of one name get their
    folder's name in front. Raises NoFilesError for a path with no Terraform JSON, JsonFileError
    for a file that cannot be read as such.
    """
    sources = _distinct(source for path in paths for source in _sources(path))
    names = _unique(sources)
    return tuple(_read(source, name) for source, name in zip(sources, names, strict=True))


def _sources(path: Path) -> Iterator[_Source]:
    if not path.is_dir():
        yield _Source(_name(path), (path,))
        return
    found = list(_in_folder(path))
    if not found:
        raise NoFilesError(f"{plain(str(path))}: {_what_is_missing(path)}")
    yield from found


def _in_folder(folder: Path) -> Iterator[_Source]:
    files = list(_files_below(folder))
    if stacks := [each for each in files if each.name == _CDKTF]:
        for file in stacks:
            yield _Source(_name(file), (file,))
        return
    by_folder: dict[Path, list[Path]] = {}
    for file in files:
        if file.name.endswith(_CONFIGURATION):
            by_folder.setdefault(file.parent, []).append(file)
    if by_folder:
        for parent, parts in by_folder.items():
            # Terraform reads the files of a folder as one module.
            name = _name(parts[0]) if len(parts) == 1 else parent.resolve().name
            yield _Source(name, tuple(parts))
        return
    for file in files:
        if file.suffix == ".json" and file.parent == folder:
            yield _Source(_name(file), (file,))


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name not in _NOT_OURS:
                yield from _files_below(path)
        elif path.suffix in {".json", ".tf"}:
            yield path


def _what_is_missing(folder: Path) -> str:
    if any(path.suffix == ".tf" for path in _files_below(folder)):
        return (
            "holds HCL and no Terraform JSON; plan it and name the plan:"
            " terraform plan -out plan.tfplan, then terraform show -json plan.tfplan > plan.json"
        )
    return "holds no Terraform JSON (cdk.tf.json, *.tf.json, or *.json of terraform show -json)"


def _name(file: Path) -> str:
    if file.name == _CDKTF:
        return file.resolve().parent.name
    return file.name.removesuffix(".json").removesuffix(".tf") or file.name


def _distinct(sources: Iterator[_Source]) -> list[_Source]:
    found: dict[tuple[Path, ...], _Source] = {}
    for source in sources:
        found.setdefault(tuple(file.resolve() for file in source.files), source)
    return list(found.values())


def _unique(sources: Sequence[_Source]) -> list[str]:
    """Name stacks apart: by their folder where names are the same, then by a number."""
    names = [source.name for source in sources]
    longer = [
        f"{source.files[0].resolve().parent.name}/{name}" if names.count(name) > 1 else name
        for name, source in zip(names, sources, strict=True)
    ]
    return [
        f"{name}#{longer[: number + 1].count(name)}" if longer.count(name) > 1 else name
        for number, name in enumerate(longer)
    ]


def _read(source: _Source, name: str) -> StackResources:
    documents = [read_json(file) for file in source.files]
    try:
        return stack_resources(name, documents[0] if len(documents) == 1 else _joined(documents))
    except NoTerraformError as error:
        raise JsonFileError(source.files[0], str(error)) from None


def _joined(documents: list[Json]) -> Json:
    """Join files into one document, since a list of blocks counts as their sum."""
    return [each for document in documents for each in sequence(document) or [document]]

"""Terraform JSON in files and folders, as stacks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from iot_dr.common.plain_text import plain
from iot_dr.terraform_json.document import NoTerraformError, stack_resources
from iot_dr.terraform_json.json_file import JsonFileError, read_json
from iot_dr.terraform_json.json_value import Json, sequence
from iot_dr.terraform_json.sources import NoFilesError, Source, sources
from iot_dr.terraform_json.stack_resources import StackResources


@dataclass(frozen=True, slots=True)
class ReadFiles:
    """The stacks that were read, and in words what of Terraform may be there and was not."""

    stacks: tuple[StackResources, ...]
    unjudged: tuple[str, ...]


def read_files(paths: Sequence[Path]) -> ReadFiles:
    """Read files, and what is in folders: stacks of cdktf, else `.tf.json`, else plans.

    A stack is called by its folder for cdktf's output, else by its file; two of one name get their
    folder's name in front. Raises NoFilesError for a path with no Terraform JSON, JsonFileError
    for a file that cannot be read as such; JSON of something else in a folder is passed over.
    """
    each_path = [sources(path) for path in paths]
    distinct = _distinct(source for each in each_path for source in each.found)
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
        by_files.setdefault(source.places, source)
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
    documents = [read_json(file) for file in source.files]
    try:
        return stack_resources(name, documents[0] if len(documents) == 1 else _joined(documents))
    except NoTerraformError as error:
        if source.is_named or source.is_sure:
            raise JsonFileError(source.files[0], str(error)) from None
        message = f"{plain(str(source.files[0]))}: {error}"
        raise _ForeignError(message) from None


def _joined(documents: list[Json]) -> Json:
    """Join files into one document, since a list of blocks counts as their sum."""
    return [each for document in documents for each in sequence(document) or [document]]

"""Which files of a path are Terraform JSON, and which stack each belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from iot_dr.terraform_json.json_file import told
from iot_dr.terraform_json.listing import listing

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
    """The files of one stack; several are one root module.

    `folder` is the name of the folder that they are in, `places` where they really are; `is_named`
    says that the user named the file itself, `is_sure` that its name says Terraform.
    """

    name: str
    folder: str
    files: tuple[Path, ...]
    places: tuple[Path, ...]
    is_named: bool
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """The stacks of a path, and what else of Terraform may be there and is not read."""

    found: tuple[Source, ...]
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
        raise NoFilesError(f"{plain(str(path))}: cannot be read: {told(error)}") from None
    if not found.found:
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
    return Source(name, folder, files, places, is_named=is_named, is_sure=is_sure)

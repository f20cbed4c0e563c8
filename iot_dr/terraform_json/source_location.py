"""The file and line of the block that declares a resource, in HCL next to a plan or in JSON."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from iot_dr.terraform_json.json_file import MAX_BYTES
from iot_dr.terraform_json.scope import without_keys

_LOCAL: Final = ("./", "../")
# Terragrunt plans a copy of a module; this file names it.
_UNIT: Final = "terragrunt.hcl"


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A file and a line in it, from 1."""

    file: Path
    line: int


class _Call(msgspec.Struct):
    source: str = ""
    module: "_Module | None" = None


class _Module(msgspec.Struct):
    module_calls: dict[str, _Call] = {}


class _Configuration(msgspec.Struct):
    root_module: _Module = msgspec.field(default_factory=_Module)


class _Plan(msgspec.Struct):
    configuration: _Configuration = msgspec.field(default_factory=_Configuration)


class SourceLocations:
    """Finds the blocks of one stack, from the files that it was read from.

    The folder of a plan's file is taken for the one with its configuration, which `terraform show
    -json plan.tfplan > plan.json` makes true. Files are read once.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        unit = files[0].with_name(_UNIT)
        self._first = SourceLocation(unit if unit.is_file() else files[0], 1)
        self._texts = cache(_texts)
        self._root = cache(lambda: _root_module(files[0]))

    def of(self, address: str | None) -> SourceLocation:
        """Return the line of a resource's block, or of the call of a module of others.

        It is the first line of the stack's file if the block is not found, as without an address.
        """
        *path, name = without_keys(address or "").split(".")
        folder, nearest = self._first.file.parent, self._first
        module: _Module | None = self._root() if path[:1] == ["module"] else None
        while path[:1] == ["module"]:
            label = path[1] if len(path) > 1 else name
            nearest = self._block(folder, ("module", label)) or nearest
            call = module.module_calls.get(label, _Call()) if module else _Call()
            if not call.source.startswith(_LOCAL):
                return nearest
            folder, module, path = folder / call.source, call.module, path[2:]
        kind = "data" if path[:1] == ["data"] else "resource"
        return self._block(folder, (kind, *path[-1:], name)) or nearest

    def _block(self, folder: Path, labels: tuple[str, ...]) -> SourceLocation | None:
        for file, text in self._texts(folder).items():
            start = _in_json(text, labels) if file.suffix == ".json" else _in_hcl(text, labels)
            if start is not None:
                return SourceLocation(file, text.count("\n", 0, start) + 1)
        return None


def _texts(folder: Path) -> Mapping[Path, str]:
    """Return the configuration in a folder; what cannot be read is left out.

    The folder is a plan's, so that its name may be one that no file system has.
    """
    texts: dict[Path, str] = {}
    with suppress(OSError, ValueError):
        for file in (*sorted(folder.glob("*.tf")), *sorted(folder.glob("*.tf.json"))):
            with suppress(OSError):
                if file.is_file() and file.stat().st_size <= MAX_BYTES:
                    texts[file] = file.read_text("utf-8", "replace")
    return texts


def _root_module(file: Path) -> _Module:
    """Return the module calls of a plan; none for a configuration and for a state."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Plan).configuration.root_module
    except (OSError, msgspec.DecodeError, RecursionError):
        return _Module()


def _in_hcl(text: str, labels: tuple[str, ...]) -> int | None:
    kind, *names = map(re.escape, labels)
    header = r"[ \t]+".join((kind, *(rf'"?{each}"?' for each in names)))
    match = re.search(rf"^[ \t]*({header})[ \t]*\{{", text, re.MULTILINE)
    return match.start(1) if match else None


def _in_json(text: str, labels: tuple[str, ...]) -> int | None:
    """Return where the keys lead, as far as they exist; each is as deep as its first sibling."""
    match = re.match(r"(\s*)\{(\s*)", text)
    start: int | None = None
    for label in labels:
        if not match:
            break
        key = re.compile(rf'{match[2]}("{re.escape(label)}")\s*:\s*[\[{{](\s*)')
        match = key.search(text, match.start(2))
        start = match.start(1) if match else start
    return start

"""The code of the functions that runs in a region: as it is, or with pieces replaced."""

import importlib
import os
import sys
import tomllib
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from tools.benchmarks.mutation import Mutation

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_PACKAGE = "functions"
_PRELOADED = (
    "registry.services", "registry_apply.consumer", "registry_capture.consumer",
    "registry_capture.reference_requests", "registry_reconcile.reconciler",
)  # fmt: skip
"""What the handlers import, which themselves read variables at once."""


def replacements(file: Path) -> dict[str, list[Mutation]]:
    """Read the replacements of a file, by name; those of one name belong together."""
    records: Mapping[str, list[dict[str, str]]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        name: [Mutation(name=name, **each) for each in pieces] for name, pieces in records.items()
    }


class Code(MetaPathFinder, Loader):
    """Modules of `functions` apart from those that tests import, with a clock and clients given.

    Raises MutationError if a replacement does not fit the code as it is.
    """

    def __init__(self, pieces: Iterable[Mutation] = ()) -> None:
        self._modules: dict[str, ModuleType] = {}
        self._sources: dict[str, str] = {}
        self._handlers: dict[str, CodeType] = {}
        for piece in pieces:
            file, text = piece.applied(ROOT)
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            if name in self._sources:
                # `applied` reads the file as it is: the second piece of a file is replaced in it.
                assert self._sources[name].count(piece.old) == 1, piece
                text = self._sources[name].replace(piece.old, piece.new)
            self._sources[name] = text
        with self._current():
            for name in _PRELOADED:
                importlib.import_module(f"{_PACKAGE}.{name}")

    def connect(self, client: Any, nanoseconds: Any) -> None:
        """Let the modules use a maker of boto3 clients and a clock from now on."""
        quiet = SimpleNamespace(stdout=SimpleNamespace(write=len, flush=int))
        given = {
            "registry.services": {"boto3": SimpleNamespace(client=client)},
            "registry.access.client": {"boto3": SimpleNamespace(client=client)},
            "registry.stamp": {"time": SimpleNamespace(time_ns=nanoseconds)},
            "probe.metrics": {"sys": quiet},
        }
        for name, members in given.items():
            vars(self._modules[f"{_PACKAGE}.{name}"]).update(members)

    def handler(self, function: str, variables: Mapping[str, str]) -> Any:
        """Load a handler as a new execution environment does."""
        name = f"{_PACKAGE}.registry_{function}.handler"
        if name not in self._handlers:
            file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
            source = self._sources.get(name) or file.read_text(encoding="utf-8")
            self._handlers[name] = compile(source, file, "exec")
        module: dict[str, Any] = {"__name__": name}
        with self._current(), patch.dict(os.environ, variables):
            exec(self._handlers[name], module)  # noqa: S102 - our own code
        return module["handle"]

    def find_spec(self, fullname: str, *_more: object) -> ModuleSpec | None:
        """Return a spec for a module with replaced pieces; others are found as always."""
        return ModuleSpec(fullname, self) if fullname in self._sources else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module with its pieces replaced."""
        exec(compile(self._sources[module.__name__], module.__name__, "exec"), vars(module))  # noqa: S102 - our own code

    @contextmanager
    def _current(self) -> Generator[None]:
        others = _taken()
        sys.modules.update(self._modules)
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            sys.meta_path.remove(self)
            self._modules = _taken()
            sys.modules.update(others)


def _taken() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]
    return {name: sys.modules.pop(name) for name in names}

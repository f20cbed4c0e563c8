"""Imports of one engine's modules under the names of another, so that sources need no change."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType


class AliasFinder:
    """A meta path finder that maps imports of the packages in `renamed` to their replacements."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec that loads the replacement, or None if the package is not renamed."""
        del path, target
        package, dot, rest = name.partition(".")
        if package not in self._renamed:
            return None
        loader = _Alias(self._renamed[package] + dot + rest)
        return ModuleSpec(name, loader)  # pyrefly: ignore[bad-argument-type] - it is one by its methods


class _Alias:
    """A loader that returns the module of another name.

    It does not extend `importlib.abc.Loader`, whose import would take 20 ms.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._own: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the replacement and return it complete, so that no thread sees it unfinished."""
        del spec
        module = import_module(self._name)
        self._own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec, which Python has replaced by the alias's."""
        module.__spec__ = self._own

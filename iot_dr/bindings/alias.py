"""Gives the modules of one engine under the names of another, so that sources need no change."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType


class AliasFinder:
    """Finds what is imported from the packages in `renamed` in those that they stand for."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._renamed = renamed

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give a spec that loads the other module, or None for a package that is not renamed."""
        del path, target
        package, dot, rest = name.partition(".")
        if package not in self._renamed:
            return None
        loader = _Alias(self._renamed[package] + dot + rest)
        return ModuleSpec(name, loader)  # pyrefly: ignore[bad-argument-type] - it is one by its methods


class _Alias:
    """Gives a module that has another name as the one that is loaded.

    It does not extend `importlib.abc.Loader`, whose import would take 20 ms.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._own: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Import the other module, and give it whole: another thread never meets an empty one."""
        del spec
        module = import_module(self._name)
        self._own = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back, in whose place Python has put this one's."""
        module.__spec__ = self._own

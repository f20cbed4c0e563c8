"""The import hook that replaces loaders of the engine and of the provider bindings."""

import atexit
import gc
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from iot_dr.bindings import engine, mode
from iot_dr.bindings.fallback import warn_once


class _AliasFinder:
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


# The first assembly of every app: loading it starts jsii's node.
_FIRST_ASSEMBLY = "constructs._jsii"
_PACKAGES = {"constructs", *engine.PROVIDERS, *engine.PROVIDERS.values()}


def install() -> None:
    """Install the import hook: the fast start, and the engine that ENGINE names.

    A second call does nothing. Exits with status 2 if IOT_DR_BINDINGS or ENGINE has an unknown
    value, or the engine is not installed.
    """
    if any(isinstance(finder, _Finders) for finder in sys.meta_path):
        return
    stock = mode.is_stock()
    engine.named()
    if _FIRST_ASSEMBLY in sys.modules and not stock:
        warn_once(
            "cdktf was imported before iot_dr; run main.py by `iot-dr app`, or import iot_dr first"
        )
    sys.meta_path.insert(0, _Finders(stock=stock))


class _Finders:
    """A meta path finder that asks those of the chosen engine.

    The engine is chosen at the first import of one: the project may name it, in a file that
    judging a design, for example, does not need.
    """

    def __init__(self, *, stock: bool) -> None:
        self._is_stock = stock
        self._own: list[_Finder | _AliasFinder] | None = None
        self._choosing = threading.Lock()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the first finder that has one; None for packages of no engine."""
        if name.partition(".")[0] not in _PACKAGES:
            return None
        with self._choosing:
            if self._own is None:
                self._own = _finders(engine.chosen(), stock=self._is_stock)
        specs = (finder.find_spec(name, path, target) for finder in self._own)
        return next((spec for spec in specs if spec is not None), None)


def _finders(name: str, *, stock: bool) -> "list[_Finder | _AliasFinder]":
    usual = _Finder(name, stock=stock)
    renamed = engine.renamed(name)
    return [_AliasFinder(renamed), usual] if renamed else [usual]


class _Finder:
    """A meta path finder for the first assembly, the engine and the provider's package."""

    def __init__(self, name: str, *, stock: bool) -> None:
        self._engine = name
        self._package = engine.PROVIDERS[name]
        self._is_decided = stock
        # Another thread must not take an unfinished decision for a decision against.
        self._deciding = threading.Lock()
        self._is_fast = False
        self._provider: SourceFileLoader | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the usual spec, with our loader where one applies.

        None for other packages, and if the module does not exist.
        """
        if name.partition(".")[0] not in {"constructs", self._engine, self._package}:
            return None
        with self._deciding:
            self._decide()
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = self._loader(spec.loader)
        return spec

    def _loader(self, usual: SourceFileLoader) -> SourceFileLoader:
        if usual.name == _FIRST_ASSEMBLY:
            from iot_dr.bindings.node import NodeStart  # noqa: PLC0415 - help must not wait for it

            return NodeStart(usual, self._engine, preload=self._is_fast)
        if self._provider is None or usual.name.startswith("constructs"):
            return usual
        if usual.name == self._package:
            return self._provider
        from iot_dr.bindings import generated  # noqa: PLC0415 - as above

        if generated.is_worthwhile(usual.path):
            return generated.GeneratedModuleLoader(usual.name, usual.path)
        return usual

    def _decide(self) -> None:
        """Decide on the fast start once: the import of the bindings and node must both use it."""
        if self._is_decided:
            return
        self._is_decided = True
        spec = PathFinder.find_spec(self._package)
        if spec is None or spec.origin is None:
            return
        from iot_dr.bindings import type_hints, versions  # noqa: PLC0415 - as below

        unknown = versions.unknown(self._engine)
        if unknown:
            warn_once(f"{unknown}; see iot_dr/bindings/versions.py")
            return
        self._is_fast = self._engine in engine.LAZY or self._made_lazy(spec.origin)
        if self._is_fast:
            type_hints.cache_type_hints()
            type_hints.accept_at_once()
            _skip_final_collection()

    def _made_lazy(self, origin: str) -> bool:
        """Prepare a lazy loader of the provider's package.

        Return False, after a warning, if its source has no imports in the known form.
        """
        from iot_dr.bindings.package import LazyPackage  # noqa: PLC0415 - help must not wait

        loader = LazyPackage(self._package, origin)
        if loader.submodules:
            self._provider = loader
            return True
        warn_once(f"{origin} imports no submodule in the known way")
        return False


def _skip_final_collection() -> None:
    """Skip the interpreter's final garbage collection, which takes 70 ms of 0.9 s.

    Registered before jsii's exit handler, it runs after it.
    """
    atexit.register(gc.freeze)

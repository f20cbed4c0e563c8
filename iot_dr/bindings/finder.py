"""Finds the two modules whose loading the fast start changes; all others it leaves alone."""

import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from iot_dr.bindings import mode
from iot_dr.bindings.fallback import warn_once

# The first assembly of every cdktf app: loading it starts jsii's node.
_FIRST_ASSEMBLY = "constructs._jsii"
_PROVIDER = "cdktf_cdktf_provider_aws"


def install() -> None:
    """Speed up the later imports of this process; a second call does nothing.

    Exits 2 when the variable IOT_DR_BINDINGS holds an unknown value.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    stock = mode.is_stock()
    if _FIRST_ASSEMBLY in sys.modules and not stock:
        warn_once("constructs was imported before iot_dr; import iot_dr first")
    sys.meta_path.insert(0, _Finder(stock=stock))


class _Finder:
    """Gives the first assembly and the provider's package a loader of ours."""

    def __init__(self, *, stock: bool) -> None:
        self._is_decided = stock
        # Another thread must not take an unfinished decision for a decision against.
        self._deciding = threading.Lock()
        self._provider: SourceFileLoader | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the usual spec with another loader, or None for a module that stays as it is."""
        if name not in {_FIRST_ASSEMBLY, _PROVIDER}:
            return None
        with self._deciding:
            self._decide()
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return spec
        if name == _FIRST_ASSEMBLY:
            from iot_dr.bindings.node import NodeStart  # noqa: PLC0415 - help must not wait for it

            spec.loader = NodeStart(spec.loader, preload=self._provider is not None)
        elif self._provider is not None:
            spec.loader = self._provider
        return spec

    def _decide(self) -> None:
        """Choose the fast start once, before node starts: its two halves go together."""
        if self._is_decided:
            return
        self._is_decided = True
        spec = PathFinder.find_spec(_PROVIDER)
        if spec is None or spec.origin is None:
            return
        from iot_dr.bindings import shutdown, type_hints, versions  # noqa: PLC0415 - as below
        from iot_dr.bindings.package import LazyPackage  # noqa: PLC0415 - help must not wait

        unknown = versions.unknown()
        if unknown:
            warn_once(f"{unknown}; see iot_dr/bindings/versions.py")
            return
        loader = LazyPackage(_PROVIDER, spec.origin)
        if loader.submodules:
            self._provider = loader
            type_hints.memoize()
            shutdown.hasten()
        else:
            warn_once(f"{spec.origin} imports no submodule in the known way")

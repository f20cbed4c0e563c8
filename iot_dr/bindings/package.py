"""A provider's Python package without its eager imports: submodules load on first use (PEP 562)."""

import importlib
import re
import sys
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType

from iot_dr.bindings.generated import shortened

_EAGER_IMPORT = re.compile(rb"^from \. import (\w+)\r?\n", re.MULTILINE)


class LazyPackage(SourceFileLoader):
    """A loader that runs a package's source without its `from . import x` lines."""

    def __init__(self, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        source = self.get_data(path)
        self.submodules = frozenset(name.decode() for name in _EAGER_IMPORT.findall(source))
        self._source = shortened(_EAGER_IMPORT.sub(b"", source))

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the signature is the parent's
        """Compile the shortened source: takes 9 ms, and needs no cache that could go stale."""
        return self.source_to_code(self._source, self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the package, then give it a `__getattr__` that imports a submodule on first use."""
        super().exec_module(module)
        # The package replaces itself in sys.modules while it runs (jsii's `publication`).
        public = vars(sys.modules[module.__name__])
        public["__getattr__"] = _importer(module.__name__, self.submodules)
        public["__dir__"] = lambda: sorted({*public, *self.submodules})


def _importer(package: str, submodules: frozenset[str]) -> Callable[[str], ModuleType]:
    def import_submodule(name: str) -> ModuleType:
        if name not in submodules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return importlib.import_module(f"{package}.{name}")

    return import_submodule

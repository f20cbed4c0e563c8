"""The engine's and the provider's modules, with jsii's argument check in place of their copies."""

import __future__

import os
import re
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from types import CodeType
from typing import Any

# Each module looks up typeguard's version, only to check arguments exactly as jsii does.
_OWN_CHECK = re.compile(
    rb"^import typeguard\nfrom importlib\.metadata .*?collection_check_strategy=[^\n]*\n",
    re.MULTILINE | re.DOTALL,
)
_CHECK = b"from jsii._type_checking import check_type\n"
# Suffix of the cache file; the number must change whenever `shortened` does.
_KEPT = ".iot-dr-1.pyc"


class GeneratedModuleLoader(SourceFileLoader):
    """A loader that runs a module with postponed annotations (PEP 563).

    Newer generators of bindings write modules like this. Evaluating annotations takes most of the
    import, and few are read. The bytecode is cached next to Python's own cache file, under another
    name.
    """

    def source_to_code(self, data: bytes, path: str) -> CodeType:  # pyrefly: ignore[bad-override] - the rest is unused
        """Compile the changed source."""
        flags = __future__.annotations.compiler_flag
        return compile(shortened(data), path, "exec", flags, dont_inherit=True)

    def get_data(self, path: str) -> bytes:
        """Read the source; bytecode from this loader's own cache file."""
        return super().get_data(_kept(path))

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:  # noqa: ANN401 - any buffer
        """Write the bytecode to this loader's own cache file."""
        super().set_data(_kept(path), data, _mode=_mode)


def shortened(source: bytes) -> bytes:
    """Return a module's source with jsii's argument check in place of its own copy."""
    return _OWN_CHECK.sub(_CHECK, source)


def is_worthwhile(path: str) -> bool:
    """Whether bytecode is or can be cached: compiling at every start would be slower."""
    kept = _kept(cache_from_source(path))
    folder = os.path.dirname(kept)  # noqa: PTH120 - pathlib may not be imported yet
    if os.path.exists(kept):  # noqa: PTH110 - as above
        return True
    while not os.path.isdir(folder):  # noqa: PTH112 - as above
        folder = os.path.dirname(folder)  # noqa: PTH120 - as above
    return not sys.dont_write_bytecode and os.access(folder, os.W_OK)


def _kept(path: str) -> str:
    return path.removesuffix(".pyc") + _KEPT if path.endswith(".pyc") else path

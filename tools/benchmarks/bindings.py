"""The two ways to load the bindings, and the environment variables that make a start cold."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MODES = ("fast", "stock")

# Variables of the user that would favour one side.
_UNSET = (
    "JSII_RUNTIME_PACKAGE_CACHE",
    "NODE_OPTIONS",
    "PRIMARY_REGION",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
)


def warm(mode: str) -> dict[str, str]:
    """Return the variables of a run with the user's own caches."""
    environ = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return environ | {"IOT_DR_BINDINGS": mode}


@contextmanager
def cold(mode: str) -> Generator[Mapping[str, str]]:
    """Return the variables of a run with an empty jsii cache and without any .pyc file.

    The system's file cache stays, for both sides.
    """
    with TemporaryDirectory() as folder:
        jsii, bytecode = Path(folder, "jsii"), Path(folder, "bytecode")
        jsii.mkdir(mode=0o700)
        bytecode.mkdir()
        yield warm(mode) | {
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(jsii),
            "PYTHONPYCACHEPREFIX": str(bytecode),
        }

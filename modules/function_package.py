"""The deployment package (zip) of a Lambda function."""

import atexit
import base64
import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modules.function_zip import FUNCTIONS, write_function_zip
from modules.inputs import require

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class FunctionPackage:
    """A zip file, and its SHA-256 in base64, by which Lambda detects changed code."""

    path: Path
    sha256: str


@cache
def function_package(name: str) -> FunctionPackage:
    """Return the zip of `functions/{name}` and its imports, built once per process.

    The same sources give the same bytes. The file is deleted when the process ends. Raises
    InputError for a name without a handler, and NotInstalledError.
    """
    sources = _ROOT / FUNCTIONS
    handler = sources / name / "handler.py"
    known = ", ".join(sorted(file.parent.name for file in sources.glob("*/handler.py")))
    require(
        name.isidentifier() and handler.is_file(), FunctionPackage, "name", name, f"one of {known}"
    )
    path = _folder() / f"{name}.zip"
    write_function_zip(_ROOT, name, path)
    digest = hashlib.sha256(path.read_bytes()).digest()
    return FunctionPackage(path, base64.b64encode(digest).decode())


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="iot-dr-functions-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)

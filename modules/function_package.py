"""The zip of a function that runs inside AWS."""

import atexit
import base64
import hashlib
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modules.inputs import refuse_unless

_ROOT = Path(__file__).parents[1]
_FUNCTIONS = "functions"
_SHARED = "probe"
# The earliest that a zip can say.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644
_UNIX = 3


@dataclass(frozen=True)
class FunctionPackage:
    """A zip on disk, and its SHA-256 in base64, by which Lambda tells new code from old."""

    path: Path
    sha256: str


@cache
def function_package(name: str) -> FunctionPackage:
    """Zip `functions/{name}` and what all functions share; once a process, whoever asks.

    Files lie as in the repository, so imports are the same in Lambda. The same sources give the
    same bytes: nothing of folder, time, umask or compiler's caches is in them, and nothing is
    compressed, since that differs between versions of zlib. The file goes when the process ends.
    Raises InputError for a name that has no handler.
    """
    sources = _ROOT / _FUNCTIONS
    handler = sources / name / "handler.py"
    known = ", ".join(sorted(file.parent.name for file in sources.glob("*/handler.py")))
    refuse_unless(
        name.isidentifier() and handler.is_file(), FunctionPackage, "name", name, f"one of {known}"
    )
    path = _folder() / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, file in sorted(_members(sources, name)):
            archive.writestr(_entry(member), file.read_bytes())
    digest = hashlib.sha256(path.read_bytes()).digest()
    return FunctionPackage(path, base64.b64encode(digest).decode())


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="iot-dr-functions-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _members(sources: Path, name: str) -> Iterator[tuple[str, Path]]:
    yield f"{_FUNCTIONS}/__init__.py", sources / "__init__.py"
    for package in (_SHARED, name):
        for file in (sources / package).rglob("*.py"):
            # An editor's copy such as `.#handler.py` is no module.
            if file.stem.isidentifier():
                yield file.relative_to(sources.parent).as_posix(), file


def _entry(member: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member, _TIME)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry

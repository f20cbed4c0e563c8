"""The zip of a function that runs inside AWS."""

import atexit
import base64
import hashlib
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modules.function_sources import function_sources
from modules.inputs import refuse_unless

_ROOT = Path(__file__).parents[1]
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
    """Zip `functions/{name}` and what it imports; once a process, whoever asks.

    The same sources give the same bytes: nothing of folder, time, umask or compiler's caches is in
    them, and nothing is compressed, since that differs between versions of zlib. The file goes when
    the process ends. Raises InputError for a name that has no handler, and NotInstalledError.
    """
    sources = _ROOT / "functions"
    handler = sources / name / "handler.py"
    known = ", ".join(sorted(file.parent.name for file in sources.glob("*/handler.py")))
    refuse_unless(
        name.isidentifier() and handler.is_file(), FunctionPackage, "name", name, f"one of {known}"
    )
    path = _folder() / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, file in sorted(function_sources(_ROOT, name).items()):
            archive.writestr(_entry(member), file.read_bytes())
    digest = hashlib.sha256(path.read_bytes()).digest()
    return FunctionPackage(path, base64.b64encode(digest).decode())


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="iot-dr-functions-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _entry(member: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member, _TIME)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry

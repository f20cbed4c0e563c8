"""The deployment package (zip) of a Lambda function."""

import atexit
import base64
import hashlib
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from modules.inputs import require

_ROOT = Path(__file__).parents[1]
# The earliest time that a zip file can store.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644
_UNIX = 3
FUNCTIONS: Final = "functions"
_OF_OURS: Final = re.compile(rf"^\s*(?:from|import)\s+{FUNCTIONS}\.(\w+)", re.MULTILINE)
_OF_POWERTOOLS: Final = re.compile(r"^\s*(?:from|import)\s+aws_lambda_powertools\b", re.MULTILINE)
# The modules that its batch processing imports, and a dependency that is not in Lambda's runtime.
_POWERTOOLS: Final = (
    *("__init__.py", "exceptions", "logging", "metrics", "middleware_factory"),
    *("package_logger.py", "shared", "tracing", "utilities/__init__.py", "utilities/batch"),
    *("utilities/data_classes", "utilities/jmespath_utils", "warnings"),
)
_EXTRA_MODULE: Final = "typing_extensions"


class NotInstalledError(OSError):
    """A third-party package that functions include is not installed."""


@dataclass(frozen=True)
class FunctionPackage:
    """A zip file, and its SHA-256 in base64, by which Lambda detects changed code."""

    path: Path
    sha256: str


@cache
def function_package(name: str) -> FunctionPackage:
    """Return the zip of `functions/{name}` and its imports, built once per process.

    The same sources give the same bytes: paths, times and modes are fixed, and nothing is
    compressed, since zlib's output differs between versions. The file is deleted when the process
    ends. Raises InputError for a name without a handler, and NotInstalledError.
    """
    sources = _ROOT / "functions"
    handler = sources / name / "handler.py"
    known = ", ".join(sorted(file.parent.name for file in sources.glob("*/handler.py")))
    require(
        name.isidentifier() and handler.is_file(), FunctionPackage, "name", name, f"one of {known}"
    )
    path = _folder() / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, file in sorted(_sources(_ROOT, name).items()):
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


def _sources(root: Path, name: str) -> dict[str, Path]:
    """Return the files of `functions/{name}` and of all that it imports, keyed by path in the zip.

    `root` is the repository. Third-party files come from the installed packages, whose versions the
    lock file pins. Raises NotInstalledError.
    """
    files, packages, uses_powertools = dict[str, Path](), [name], False
    files[f"{FUNCTIONS}/__init__.py"] = root / FUNCTIONS / "__init__.py"
    for package in packages:  # grows during the loop
        part = root / FUNCTIONS / package
        for file in _modules(part if part.is_dir() else part.with_suffix(".py")):
            files[file.relative_to(root).as_posix()] = file
            text = file.read_text(encoding="utf-8")
            packages += sorted({*_OF_OURS.findall(text)}.difference(packages))
            uses_powertools |= bool(_OF_POWERTOOLS.search(text))
    return {**files, **(_powertools() if uses_powertools else {})}


@cache
def _powertools() -> dict[str, Path]:
    folder = _installed("aws_lambda_powertools").parent
    extra = _installed(_EXTRA_MODULE)
    files = (file for part in _POWERTOOLS for file in _modules(folder / part))
    return {
        **{file.relative_to(folder.parent).as_posix(): file for file in files},
        extra.name: extra,
    }


def _installed(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        message = f"{package} is not installed, and goes along with functions: run `make install`"
        raise NotInstalledError(message)
    return Path(spec.origin)


def _modules(part: Path) -> Iterator[Path]:
    if part.is_file():
        yield part
        return
    for file in part.rglob("*.py"):
        # Skips an editor's lock file such as `.#handler.py`.
        if file.stem.isidentifier():
            yield file

"""Builds the zip of a Lambda function from its Python code, the same bytes on every machine.

Needs Python alone, and the packages of requirements.txt for functions that import them. With the
emitted modules it is `functions/build.py`: `python functions/build.py` builds the zips of all
modules again and prints the SHA-256 of each, so `git status` says whether they are what was
published.
"""

import hashlib
import re
import stat
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FUNCTIONS: Final = "functions"
"""The folder of the functions' code in a repository, and of the zips in a module."""

# The earliest time that a zip file can store.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644
_UNIX = 3
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


def write_function_zip(root: Path, name: str, path: Path) -> None:
    """Write the zip of `root`/functions/`name` and its imports to `path`.

    Paths, times and modes are fixed, and nothing is compressed, since zlib's output differs between
    versions. Raises NotInstalledError before it writes.
    """
    files = sorted(_sources(root, name).items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for member, file in files:
            archive.writestr(_entry(member), file.read_bytes())


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
        raise NotInstalledError(
            f"{package} is not installed, and goes along with functions: run `make install`, or"
            f" with emitted modules `python -m pip install -r {FUNCTIONS}/requirements.txt`"
        )
    return Path(spec.origin)


def _modules(part: Path) -> Iterator[Path]:
    if part.is_file():
        yield part
        return
    for file in part.rglob("*.py"):
        # Skips an editor's lock file such as `.#handler.py`.
        if file.stem.isidentifier():
            yield file


def _main() -> None:
    root = Path(__file__).parents[1]
    for path in sorted(root.glob(f"modules/*/{FUNCTIONS}/*.zip")):
        write_function_zip(root, path.stem, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{digest}  {path.relative_to(root).as_posix()}\n")


if __name__ == "__main__":
    try:
        _main()
    except NotInstalledError as error:
        sys.exit(str(error))

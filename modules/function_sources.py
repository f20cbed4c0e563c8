"""The files that a function needs inside AWS, where only the runtime's own packages are."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_FUNCTIONS: Final = "functions"
_OF_OURS: Final = re.compile(rf"^\s*(?:from|import)\s+{_FUNCTIONS}\.(\w+)", re.MULTILINE)
_OF_POWERTOOLS: Final = re.compile(r"^\s*(?:from|import)\s+aws_lambda_powertools\b", re.MULTILINE)
# What its batches load, and a module of another distribution that Lambda's runtime does not have.
_POWERTOOLS: Final = (
    *("__init__.py", "exceptions", "logging", "metrics", "middleware_factory"),
    *("package_logger.py", "shared", "tracing", "utilities/__init__.py", "utilities/batch"),
    *("utilities/data_classes", "utilities/jmespath_utils", "warnings"),
)
_BESIDE: Final = "typing_extensions"


class NotInstalledError(OSError):
    """The files of a package that goes along with functions are not here."""


def function_sources(root: Path, name: str) -> dict[str, Path]:
    """Give the files of `functions/{name}` and of all that it imports, by their place in its zip.

    Ours lie as in the repository `root`, those of others as they are installed here, which the
    lock file pins. Raises NotInstalledError.
    """
    found, packages, uses_powertools = dict[str, Path](), [name], False
    found[f"{_FUNCTIONS}/__init__.py"] = root / _FUNCTIONS / "__init__.py"
    for package in packages:  # which grows on the way
        for file in _modules(root / _FUNCTIONS / package):
            found[file.relative_to(root).as_posix()] = file
            text = file.read_text(encoding="utf-8")
            packages += sorted({*_OF_OURS.findall(text)}.difference(packages))
            uses_powertools |= bool(_OF_POWERTOOLS.search(text))
    return {**found, **(_powertools() if uses_powertools else {})}


@cache
def _powertools() -> dict[str, Path]:
    folder = _installed("aws_lambda_powertools").parent
    beside = _installed(_BESIDE)
    files = (file for part in _POWERTOOLS for file in _modules(folder / part))
    return {
        **{file.relative_to(folder.parent).as_posix(): file for file in files},
        beside.name: beside,
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
        # An editor's copy such as `.#handler.py` is no module.
        if file.stem.isidentifier():
            yield file

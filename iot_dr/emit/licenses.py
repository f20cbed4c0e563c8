"""The licences of third-party code in the functions' zips."""

import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath
from typing import Final

_OURS: Final = "functions"
# Its shared/lazy_import.py is a file of TensorFlow, under the Apache License 2.0; the package
# `constructs` has the text of that.
_INSIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_lambda_powertools": {"tensorflow": "constructs"}
}


def licenses(package: Path) -> Mapping[PurePosixPath, Path]:
    """Return the licence files of the third-party code in a zip, by `NAME/FILE`.

    Raises ValueError for a package without one, PackageNotFoundError if it is not installed.
    """
    with zipfile.ZipFile(package) as archive:
        tops = {PurePosixPath(name).parts[0].removesuffix(".py") for name in archive.namelist()}
    files: dict[PurePosixPath, Path] = {}
    for name in sorted(tops - {_OURS}):
        for code, source in {name: name, **_INSIDE.get(name, {})}.items():
            texts = {PurePosixPath(code, file.name): file for file in _files(source)}
            if not texts:
                message = f"{source}: its distribution has no licence file"
                raise ValueError(message)
            files |= texts
    return files


def _files(name: str) -> Iterator[Path]:
    package = distribution(name)
    for file in package.files or ():
        if file.name.startswith("LICENSE") and ".dist-info" in file.parts[0]:
            yield Path(str(package.locate_file(file)))

"""A folder of modules as one file, the same bytes for the same content."""

import gzip
import tarfile
from collections.abc import Sequence
from pathlib import Path

from iot_dr.common.plain_text import plain
from iot_dr.common.whole_file import whole_file
from iot_dr.emit.release.tag import ReleaseError
from iot_dr.terraform_json.json_file import told


def write_archive(folder: Path, path: Path) -> None:
    """Write `path`, a tar.gz, whole or not at all; raises ReleaseError where that cannot be.

    It holds the files by name, and no time, owner or right of this machine's.
    """
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    if not files:
        raise ReleaseError(f"{plain(str(folder))}: holds no modules; `make emit` writes them")
    try:
        _write(folder, files, path)
    except OSError as error:
        raise ReleaseError(f"{plain(str(path))}: cannot be written: {told(error)}") from None


def _write(folder: Path, files: Sequence[Path], path: Path) -> None:
    with (
        whole_file(path) as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as archive,
    ):
        for each in files:
            entry = tarfile.TarInfo(each.relative_to(folder).as_posix())
            entry.size = each.stat().st_size
            with each.open("rb") as content:
                archive.addfile(entry, content)

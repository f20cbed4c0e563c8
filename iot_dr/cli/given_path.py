"""Paths as they are given on the command line."""

import tempfile
from pathlib import Path

import typer

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError


def given_path(text: str) -> Path:
    """Take the path of an option; raises BadParameter for an empty one.

    It comes of a variable that is not set, and would mean the working folder.
    """
    if not text:
        raise typer.BadParameter("it is empty; name a path, or . for the working folder")
    return Path(text)


def made_folder(folder: Path) -> None:
    """Make the folder of `--out`; raises UsageError when nothing can be written into it."""
    told = plain(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"--out {told}: is no folder; name another one") from None
    except OSError as error:
        raise UsageError(f"--out {told}: cannot be written: {error.strerror}") from None

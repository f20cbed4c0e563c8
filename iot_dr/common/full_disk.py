"""Writes that fail because a disk, a quota or a limit of file sizes is exhausted."""

import errno
from typing import Final

from iot_dr.common.run_folder import temporary_folder

_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def is_full(error: OSError) -> bool:
    """Whether an error means that there is no space for a file."""
    return error.errno in _FULL


def reason(error: OSError) -> str:
    """Return the system's reason for a failed write, with a remedy if the disk is full."""
    text = error.strerror or str(error)
    return f"{text}; free some space there and run the command again" if is_full(error) else text


def error_line(error: OSError) -> str:
    """Return an error that ends a command as one line, with a remedy if the disk is full."""
    if not is_full(error):
        return str(error)
    # In a copy, `filename2` is the file that is written.
    name = error.filename2 or error.filename
    if name:
        return f"{name}: {reason(error)}"
    # A failed open names the file, a failed write does not.
    folder = temporary_folder()
    return (
        f"{error.strerror}: free some space for the output and in the temporary folder {folder}, or"
        " set TMPDIR to another folder, and run the command again"
    )

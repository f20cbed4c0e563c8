"""Writes that fail because a disk, a quota or a limit of file sizes is exhausted."""

import errno
from typing import Final

from iot_dr.common.run_folder import temporary_folder

_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def is_full(error: OSError) -> bool:
    """Whether an error means that there is no room for a file."""
    return error.errno in _FULL


def reason(error: OSError) -> str:
    """Return the system's reason for a failed write, with a remedy if there is no room."""
    text = error.strerror or str(error)
    return f"{text}; make room there, and run this again" if is_full(error) else text


def error_line(error: OSError) -> str:
    """Return an error that ends a command as one line, with a remedy if there is no room."""
    if not is_full(error):
        return str(error)
    # Of a copy the second one is written.
    name = error.filename2 or error.filename
    if name:
        return f"{name}: {reason(error)}"
    # Python names the file of an open that fails, not that of a write.
    folder = temporary_folder()
    return (
        f"{error.strerror}: make room for the output and in the temporary folder {folder}, or set"
        " TMPDIR to another one, and run this again"
    )

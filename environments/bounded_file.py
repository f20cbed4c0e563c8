"""Files written by users, whose kind and size are checked before they are read."""

import os
import stat
from pathlib import Path
from typing import Final

LARGEST_SETTINGS: Final = 256 * 1024
"""The largest size of a settings file in bytes."""
LARGEST_DOCUMENT: Final = 64 * 1024
"""The largest size of a policy, which may be indented, or a certificate in bytes."""


class UnusableFileError(ValueError):
    """A file cannot be used; the message continues the file's name: `is not a regular file`."""


def content_of(path: Path, largest: int) -> bytes:
    """Return the bytes of a regular file of at most `largest` bytes.

    Raises UnusableFileError if it is not regular, is larger, or cannot be read.
    """
    try:
        # Non-blocking: opening a pipe without a writer would wait forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UnusableFileError("is not a regular file")
            if status.st_size > largest:
                raise UnusableFileError(f"has {status.st_size} bytes; expected at most {largest}")
            return os.read(descriptor, largest)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UnusableFileError(f"cannot be read: {error.strerror}") from None

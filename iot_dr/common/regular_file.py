"""Regular files, which can be read to their end."""

import errno
import os
import stat
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError


class NotRegularError(OSError):
    """A path is not a regular file: a pipe or device might never end."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading bytes.

    Raises OSError if it cannot be read, and NotRegularError if it is not a regular file.
    """
    # Non-blocking: opening a pipe without a writer would wait forever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegularError(errno.EINVAL, "it is not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def content_of(path: Path) -> bytes:
    """Return the bytes of a regular file; raises what `open_regular` raises."""
    with open_regular(path) as file:
        return file.read()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was read once, so that what was checked is what is used."""

    path: Path
    content: bytes

    @classmethod
    def read(cls, path: Path) -> "KeptFile":
        """Read a regular file; raises UsageError if that is not possible."""
        try:
            return cls(path, content_of(path))
        except OSError as error:
            message = f"{plain(str(path))}: cannot be read: {error.strerror}"
            raise UsageError(message) from None

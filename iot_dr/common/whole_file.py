"""Files that are written whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Generator[BinaryIO]:
    """Yield a new file that replaces `path`, with this mode, when the block ends without an error.

    Other processes may write the same path at the same time. If the block raises, `path` is left
    as it was. Raises OSError, with a file name, if the folder cannot be created or written, or if
    `path` is a device, a pipe or a folder: a file in the place of /dev/null harms all programs.
    """
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "not a regular file", str(path))
    # In the same folder: a rename is atomic only within a file system.
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        # A failed write names no file.
        error.filename = error.filename or str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)

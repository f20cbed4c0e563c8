"""A file that is written whole or not at all."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, mode: int = 0o644) -> Generator[BinaryIO]:
    """Give a new file that takes the place of `path`, with this mode, when the block ends well.

    Another process may write it at the same time. When the block raises, `path` is left as it was.
    Raises OSError, with a file's name, when the folder cannot be made or written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        # That of a write names none.
        error.filename = error.filename or str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)

"""A disk without space for larger files, simulated in this process."""

from collections.abc import Generator
from contextlib import contextmanager
from resource import RLIMIT_FSIZE, getrlimit, setrlimit


@contextmanager
def largest_file(size: int) -> Generator[None]:
    """Allow only files of at most `size` bytes, for a `with` block."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)

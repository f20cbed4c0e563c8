"""A disk without room for a file beyond a size, as this process meets it."""

from collections.abc import Generator
from contextlib import contextmanager
from resource import RLIMIT_FSIZE, getrlimit, setrlimit


@contextmanager
def largest_file(size: int) -> Generator[None]:
    """Leave no room for a file of more than `size` bytes, for a `with` block."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)

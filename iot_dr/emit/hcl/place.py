"""The place in a document that a problem is told with."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def at(place: str) -> Generator[None]:
    """Let a ValueError that is raised inside begin with the place."""
    try:
        yield
    except ValueError as error:
        message = f"{place}: {error}"
        raise ValueError(message) from None

"""A context variable that has a value for a while."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

_Value = TypeVar("_Value")


@contextmanager
def within(variable: ContextVar[_Value], value: _Value) -> Generator[None]:
    """Let what is called in a `with` block find a value in a context variable."""
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)

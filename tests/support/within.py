"""A context variable with a temporary value."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

_Value = TypeVar("_Value")


@contextmanager
def within(variable: ContextVar[_Value], value: _Value) -> Generator[None]:
    """Set a context variable for a `with` block."""
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)

"""Typed access to the members of untrusted JSON."""

from collections.abc import Mapping
from typing import cast

from functions.registry.entity import EntityError

Fields = Mapping[str, object]

# The year 5138: a larger number is in another unit than milliseconds.
_LATEST = 10**14


def text(fields: Fields, name: str) -> str:
    """Return a string; raises EntityError if the member is missing or of another type."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise EntityError(f"its {name} must be a string")
    return value


def nested(fields: Fields, name: str) -> Fields:
    """Return an object; raises EntityError if the member is missing or of another type."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise EntityError(f"its {name} must be an object")
    return cast("Fields", value)


def milliseconds(fields: Fields, name: str) -> int:
    """Return milliseconds since 1970.

    Raises EntityError if the member is missing or out of range.
    """
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise EntityError(f"its {name} must be a time in milliseconds")
    return value

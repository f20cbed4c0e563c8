"""Values out of JSON that came from elsewhere."""

from collections.abc import Mapping
from typing import cast

from functions.registry.entity import EntityError

Fields = Mapping[str, object]

# The year 5138: what is later is no milliseconds.
_LATEST = 10**14


def text(fields: Fields, name: str) -> str:
    """Give a text; raises EntityError when there is none."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise EntityError(f"its {name} is no text")
    return value


def inner(fields: Fields, name: str) -> Fields:
    """Give an object; raises EntityError when there is none."""
    value = fields.get(name)
    if not isinstance(value, dict):
        raise EntityError(f"its {name} is no object")
    return cast("Fields", value)


def milliseconds(fields: Fields, name: str) -> int:
    """Give milliseconds since 1970; raises EntityError when there are none."""
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise EntityError(f"its {name} is no time in milliseconds")
    return value

"""Values as JSON has them, taken without trust in their shape."""

from collections.abc import Iterator
from typing import Any, TypeAlias, TypeGuard

from iot_dr.terraform_json.expression import Step

Json: TypeAlias = Any
"""What JSON can say: None, bool, int, float, str, and lists and dicts of it."""


def is_mapping(value: object) -> TypeGuard[dict[str, Json]]:
    """Tell whether a value is an object."""
    return isinstance(value, dict)


def is_sequence(value: object) -> TypeGuard[list[Json]]:
    """Tell whether a value is a list."""
    return isinstance(value, list)


def mapping(value: object) -> dict[str, Json]:
    """Give an object; an empty one where the value is none."""
    return value if is_mapping(value) else {}


def sequence(value: object) -> list[Json]:
    """Give a list; an empty one where the value is none."""
    return value if is_sequence(value) else []


def mappings(value: object) -> list[dict[str, Json]]:
    """Give the objects of a list, or the one that stands where a list of one may."""
    return [
        each for each in ([value] if is_mapping(value) else sequence(value)) if is_mapping(each)
    ]


def first(value: object) -> dict[str, Json]:
    """Give the first of `mappings`; an empty one where there is none."""
    found = mappings(value)
    return found[0] if found else {}


def text(value: object) -> str:
    """Give a text; an empty one where the value is none."""
    return value if isinstance(value, str) else ""


def descend(value: Json, rest: tuple[Step, ...]) -> tuple[Json, tuple[Step, ...]]:
    """Go into objects and lists as far as they go; an object counts as a list of itself."""
    while rest:
        step = rest[0]
        if is_mapping(value):
            if isinstance(step, str) and step != "*":
                value = value.get(step)
        elif is_sequence(value):
            index = step if isinstance(step, int) else 0
            value = value[index] if index < len(value) else None
            if isinstance(step, str) and step != "*":
                continue
        else:
            break
        rest = rest[1:]
    return value, rest


def texts_in(value: Json) -> Iterator[str]:
    """Yield the texts in a value, however deep."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif is_mapping(each):
            waiting += reversed(each.values())
        elif is_sequence(each):
            waiting += reversed(each)

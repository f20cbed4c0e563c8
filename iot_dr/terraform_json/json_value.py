"""Access to JSON values whose types are not trusted."""

import json
from collections.abc import Iterator
from typing import Any, TypeAlias, TypeGuard

from iot_dr.terraform_json.expression import Step

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, and lists and dicts of them."""


def is_mapping(value: object) -> TypeGuard[dict[str, Json]]:
    """Whether a value is an object."""
    return isinstance(value, dict)


def is_sequence(value: object) -> TypeGuard[list[Json]]:
    """Whether a value is a list."""
    return isinstance(value, list)


def mapping(value: object) -> dict[str, Json]:
    """Return an object; an empty one for a value of another type."""
    return value if is_mapping(value) else {}


def sequence(value: object) -> list[Json]:
    """Return a list; an empty one for a value of another type."""
    return value if is_sequence(value) else []


def mappings(value: object) -> list[dict[str, Json]]:
    """Return the objects of a list, or a single object as a list of one."""
    return [
        each for each in ([value] if is_mapping(value) else sequence(value)) if is_mapping(each)
    ]


def first(value: object) -> dict[str, Json]:
    """Return the first of `mappings`; an empty object if there is none."""
    objects = mappings(value)
    return objects[0] if objects else {}


def text(value: object) -> str:
    """Return a string; an empty one for a value of another type."""
    return value if isinstance(value, str) else ""


def json_in(value: object) -> Json:
    """Return what a JSON text contains, such as a policy or a pattern; None for anything else."""
    try:
        return json.loads(text(value))
    except (ValueError, RecursionError):
        return None


def descend(value: Json, rest: tuple[Step, ...]) -> tuple[Json, tuple[Step, ...]]:
    """Follow steps into objects and lists; an object counts as a list of itself.

    Returns the value reached, and the steps that could not be followed.
    """
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
    """Yield all strings in a value, at any depth."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif is_mapping(item):
            pending += reversed(item.values())
        elif is_sequence(item):
            pending += reversed(item)

"""JSON values as expressions of Terraform's language."""

import math
from collections.abc import Mapping

from iot_dr.emit.hcl.expression import EQUALS, Expression, Group, number, word
from iot_dr.emit.hcl.style import Style
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

_KEYWORDS: tuple[tuple[Json, str], ...] = ((None, "null"), (True, "true"), (False, "false"))


def expression_of(value: Json, style: Style, *, inside: bool = False) -> Expression:
    """Write a value, whose strings are meant as `style` says; `inside` is one in another value.

    Raises:
        ValueError: for what JSON has no such value for, or a string that is not of the style.
    """
    for keyword, text in _KEYWORDS:
        if value is keyword:
            return (word(text),)
    if is_mapping(value):
        return (_object(value, style, inside=inside),)
    if is_sequence(value):
        return (Group("[", tuple(expression_of(item, style, inside=True) for item in value)),)
    if isinstance(value, str):
        return style.text(value)
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return (number(str(value)),)
    raise ValueError(f"{value!r} is no value of JSON")


def _object(members: Mapping[str, Json], style: Style, *, inside: bool) -> Group:
    entries = tuple(
        (
            *style.key(name),
            EQUALS,
            *expression_of(value, style.members.get(name, style), inside=True),
        )
        for name, value in members.items()
    )
    is_short = inside and len(members) == 1 and not _holds_objects(*members.values())
    return Group("{", entries, is_open=bool(entries) and not is_short)


def _holds_objects(value: Json) -> bool:
    return is_mapping(value) or (is_sequence(value) and any(map(_holds_objects, value)))

"""Values of Terraform JSON as HCL expressions."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from iot_dr.emit.hcl.expression import (
    EQUALS,
    Expression,
    Group,
    Token,
    TokenKind,
    is_bare_key,
    number,
    word,
)
from iot_dr.emit.hcl.scanner import Part, Sequence, parse_expression, parse_template
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from modules.template import escaped

_KEYWORDS: tuple[tuple[Json, str], ...] = ((None, "null"), (True, "true"), (False, "false"))

_ESCAPED = re.compile(r"([$%])\1\{")
_LETTERS = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHORT = 0xFFFF
_SURROGATES = range(0xD800, 0xE000)


def _name(key: str) -> Expression:
    return key_of([key])


@dataclass(frozen=True, kw_only=True)
class Style:
    """Conversion of strings and keys; values of keys in `members` have another style."""

    text: Callable[[str], Expression]
    key: Callable[[str], Expression] = _name
    members: Mapping[str, "Style"] = field(default_factory=dict[str, "Style"])


def expression_of(value: Json, style: Style, *, inside: bool = False) -> Expression:
    """Return a value as an expression; `inside` for a value in another one.

    Raises:
        ValueError: for a value that JSON does not have, or an invalid string of the style.
    """
    for keyword, text in _KEYWORDS:
        if value is keyword:
            return (word(text),)
    if is_mapping(value):
        return (_object(value, style, inside=inside),)
    if is_sequence(value):
        items = (expression_of(item, style, inside=True) for item in value)
        return (Group("[", tuple(map(_closed, items) if _is_tuple(value) else items)),)
    if isinstance(value, str):
        return style.text(value)
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return (number(str(value)),)
    raise ValueError(f"{value!r} is not a JSON value")


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


def _is_tuple(values: Iterable[Json]) -> bool:
    """Whether a list has objects and other values, such as a metric of a dashboard."""
    return len({is_mapping(each) for each in values}) > 1


def _closed(expression: Expression) -> Expression:
    return tuple(
        replace(part, is_open=False) if isinstance(part, Group) else part for part in expression
    )


def _holds_objects(value: Json) -> bool:
    return is_mapping(value) or (is_sequence(value) and any(map(_holds_objects, value)))


def key_of(parts: list[Part]) -> Expression:
    """Return an object's key: a name, a quoted string, or an expression in parentheses."""
    expression = sole_expression(parts)
    if expression:
        return (Group("(", (expression,)),)
    match parts:
        case [str(name)] if is_bare_key(name):
            return (word(name),)
        case _:
            return (quoted(parts),)


def _verbatim(text: str) -> Expression:
    return (quoted([text]),)


LITERAL: Final = Style(text=_verbatim)
"""Literal strings, such as a variable's default."""

REFERENCE: Final = Style(text=parse_expression, key=parse_expression)
"""Strings that are expressions, such as `provider` or `depends_on`."""

REQUIREMENT: Final = Style(text=_verbatim, members={"configuration_aliases": REFERENCE})
"""An entry of `required_providers`."""


def parts_of(text: str) -> list[Part]:
    """Parse a template and resolve escapes in its literal parts.

    Raises:
        ValueError: if it is not a valid template, or has a directive or a `~`.
    """
    meant = (
        _ESCAPED.sub(r"\1{", part) if isinstance(part, str) else part
        for part in parse_template(text)
    )
    return [part for part in meant if part]


def sole_expression(parts: list[Part]) -> Expression | None:
    """Return the expression of a template that is only one interpolation, else None."""
    match parts:
        case [Sequence(expression=expression)]:
            return expression
        case _:
            return None


def quoted(parts: Iterable[Part]) -> Token:
    """Return parts as a quoted string; raises ValueError for an unpaired surrogate."""
    parts = list(parts)
    inside = (
        _escaped_literal(part, following) if isinstance(part, str) else part.text
        for part, following in zip_longest(parts, parts[1:])
    )
    return Token(TokenKind.QUOTED, f'"{"".join(inside)}"')


def _escaped_literal(text: str, following: Part | None) -> str:
    written = "".join(map(_letter, escaped(text)))
    if isinstance(following, Sequence) and written.endswith("$"):
        # A doubled `$` before a brace would be an escape.
        return written[:-1] + _escape("$")
    return written


def _letter(letter: str) -> str:
    """Escape a quote, a backslash, or a character that is not printable.

    Raises ValueError for an unpaired surrogate.
    """
    if letter in _LETTERS or letter.isprintable():
        return _LETTERS.get(letter, letter)
    if ord(letter) in _SURROGATES:
        raise ValueError(f"{letter!r} is an unpaired surrogate, not a Unicode character")
    return _escape(letter)


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= _SHORT else f"\\U{code:08x}"

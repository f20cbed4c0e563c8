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
    Kind,
    Token,
    call,
    is_bare_key,
    number,
    word,
)
from iot_dr.emit.hcl.scanner import Part, Sequence, parse_expression, parse_template
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from modules.template import escaped

_KEYWORDS: tuple[tuple[Json, str], ...] = ((None, "null"), (True, "true"), (False, "false"))

# Legacy types that Terraform accepts and its formatter expands.
_OLD_TYPES = {name: f"{name}(any)" for name in ("list", "map", "set")}

_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""White space in Terraform."""

_ESCAPED = re.compile(r"([$%])\1\{")
_LETTERS = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHORT = 0xFFFF
# Letters of other scripts than these may combine with the letter before them.
_WITHOUT_COLUMN = re.compile(
    "[^\\0-\u02ff\u0370-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
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
            return (_quoted_key(parts),)


def _verbatim(text: str) -> Expression:
    return (quoted([text]),)


LITERAL: Final = Style(text=_verbatim)
"""Literal strings, such as a variable's default."""

REFERENCE: Final = Style(text=parse_expression, key=parse_expression)
"""Strings that are expressions, such as `provider` or `depends_on`."""

TYPE: Final = Style(text=lambda text: parse_expression(_OLD_TYPES.get(text, text)))
"""Type constraints."""

REQUIREMENT: Final = Style(text=_verbatim, members={"configuration_aliases": REFERENCE})
"""An entry of `required_providers`."""


def parts_of(text: str) -> list[Part]:
    """Parse a template and resolve escapes in its literal parts.

    `~` is applied, as in a quoted string it would trim more than the adjacent line. The remaining
    template stays a string, also if only one interpolation is left.

    Raises:
        ValueError: if it is not a valid template.
    """
    parts = parse_template(text)
    is_sole = parts[::2] == ["", ""]
    for index, part in enumerate(parts):
        if isinstance(part, Sequence):
            before, after = parts[index - 1], parts[index + 1]
            if part.begin.endswith("~") and isinstance(before, str):
                parts[index - 1] = _trimmed_end(before)
            if part.end.startswith("~") and isinstance(after, str):
                parts[index + 1] = _trimmed_start(after)
            parts[index] = Sequence(begin=part.begin[:2], expression=part.expression, end="}")
    meant = (_ESCAPED.sub(r"\1{", part) if isinstance(part, str) else part for part in parts)
    left = [part for part in meant if part]
    expression = sole_expression(left)
    if expression and not is_sole:
        return [Sequence(begin="${", expression=call("tostring", expression), end="}")]
    return left


def sole_expression(parts: list[Part]) -> Expression | None:
    """Return the expression of a template that is only one interpolation, else None."""
    match parts:
        case [Sequence(begin="${", expression=expression)]:
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
    return Token(Kind.QUOTED, f'"{"".join(inside)}"')


def _quoted_key(parts: Iterable[Part]) -> Token:
    """Return a quoted string in which each letter takes one column, as in fmt."""
    text = _WITHOUT_COLUMN.sub(lambda letter: _escape(letter[0]), quoted(parts).text)
    return Token(Kind.QUOTED, text)


def _escaped_literal(text: str, following: Part | None) -> str:
    written = "".join(map(_letter, escaped(text)))
    if isinstance(following, Sequence) and written.endswith(mark := following.begin[0]):
        # A doubled `$` or `%` before a brace would be an escape.
        return written[:-1] + _escape(mark)
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


def _trimmed_end(text: str) -> str:
    """Remove spaces at the end of the last line."""
    *lines, last = _lines(text)
    return "".join(lines) + last.rstrip(_SPACES)


def _trimmed_start(text: str) -> str:
    """Remove spaces at the start of the first line."""
    first, *lines = _lines(text)
    return first.lstrip(_SPACES) + "".join(lines)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text) or [""]

"""Strings of Terraform's JSON, which are templates, as quoted strings of HCL."""

import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import Final

from iot_dr.emit.hcl.expression import Expression, Kind, Token, call
from iot_dr.emit.hcl.scanner import Part, Sequence, template
from iot_dr.terraform_json.expression import escaped

_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Terraform takes for white space."""

_ESCAPED = re.compile(r"([$%])\1\{")
_LETTERS = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SHORT = 0xFFFF
# Other letters than these of Europe and East Asia may be one with the letter before them.
_WITHOUT_COLUMN = re.compile(
    "[^\\0-\u02ff\u0370-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
_SURROGATES = range(0xD800, 0xE000)


def parts_of(text: str) -> list[Part]:
    """Read a template: its literal parts as they are meant, without escapes.

    The marks `~` are carried out, as in quotes they would trim more than the line beside them. What
    they leave of a string is one still, whatever the type of the expression in it.

    Raises:
        ValueError: when it is no template.
    """
    parts = template(text)
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
    """Give the expression of a template that is one interpolation, so that its type stays."""
    match parts:
        case [Sequence(begin="${", expression=expression)]:
            return expression
        case _:
            return None


def quoted(parts: Iterable[Part]) -> Token:
    """Write parts as a quoted string; raises ValueError for a text that is not Unicode."""
    parts = list(parts)
    inside = (
        _literal(part, following) if isinstance(part, str) else part.text
        for part, following in zip_longest(parts, parts[1:])
    )
    return Token(Kind.QUOTED, f'"{"".join(inside)}"')


def quoted_key(parts: Iterable[Part]) -> Token:
    """Write parts as a quoted string whose letters each take a column, as fmt counts them."""
    text = _WITHOUT_COLUMN.sub(lambda letter: _escape(letter[0]), quoted(parts).text)
    return Token(Kind.QUOTED, text)


def _literal(text: str, following: Part | None) -> str:
    written = "".join(map(_letter, escaped(text)))
    if isinstance(following, Sequence) and written.endswith(mark := following.begin[0]):
        # A mark doubled before a brace would be an escape.
        return written[:-1] + _escape(mark)
    return written


def _letter(letter: str) -> str:
    """Escape what ends a string, and what a reader would not see."""
    if letter in _LETTERS or letter.isprintable():
        return _LETTERS.get(letter, letter)
    if ord(letter) in _SURROGATES:
        raise ValueError(f"{letter!r} is half a character: Terraform's strings are Unicode")
    return _escape(letter)


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04x}" if code <= _SHORT else f"\\U{code:08x}"


def _trimmed_end(text: str) -> str:
    """Take the spaces off the end, as far back as the last line reaches."""
    *lines, last = _lines(text)
    return "".join(lines) + last.rstrip(_SPACES)


def _trimmed_start(text: str) -> str:
    """Take the spaces off the start, as far as the first line reaches."""
    first, *lines = _lines(text)
    return first.lstrip(_SPACES) + "".join(lines)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text) or [""]

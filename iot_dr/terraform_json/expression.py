"""Strings of Terraform's JSON: literals and templates with expressions.

`${...}` is an interpolation and `%{...}` a directive; `$${` and `%%{` escape them
(developer.hashicorp.com/terraform/language/syntax/json, "Expression Mapping").
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_STEP: Final = (
    r"\.(?:[A-Za-z_][\w-]*|\d+|\*)"
    rf"|\[\s*(?:\d+|{_QUOTED}|\*|each\.key|each\.value|count\.index)\s*\]"
)
_REFERENCE: Final = rf"[A-Za-z_][\w-]*(?:{_STEP})+"
_WHOLE: Final = re.compile(rf"\$\{{\s*({_REFERENCE})\s*\}}")
# An unterminated quoted string extends to the end, so that a search never restarts inside it.
_TOKEN: Final = re.compile(
    rf'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|(?<![\w.\]-])({_REFERENCE})', re.DOTALL
)
_EACH_STEP: Final = re.compile(_STEP)
_OPENING: Final = re.compile(r"(?<!\$)\$\{|(?<!%)%\{|\$\$\{|%%\{")
_NESTING: Final = re.compile(r'"|\{|\}|\\.', re.DOTALL)

OF_RESOURCE: Final = re.compile(r"/(?:[^/]*\.)?aws_")
"""A resolved reference to a value of a resource, `STACK/ADDRESS.ATTRIBUTE`."""

Step = str | int
EACH_KEY: Final = "[each.key]"
"""The step of a reference that selects the instance with the referring instance's own key."""


class TemplatePart(NamedTuple):
    """A part of a template: an expression with its `${` and `}`, or literal text."""

    text: str
    is_expression: bool


def literal(value: object) -> str | None:
    """Return a string's literal text, unescaped; None for an expression or another type."""
    if not isinstance(value, str) or has_expression(value):
        return None
    return value.replace("$${", "${").replace("%%{", "%{")


def texts(value: object) -> tuple[str, ...]:
    """Return a string, or a list's strings, as a tuple; an unknown list is a single expression."""
    if isinstance(value, str):
        return (value,)
    entries: list[Any] = value if isinstance(value, list) else []
    return tuple(each for each in entries if isinstance(each, str))


def has_expression(text: str) -> bool:
    """Whether a text contains an interpolation or a directive."""
    if "${" not in text and "%{" not in text:
        return False
    return any(part.is_expression for part in parts(text))


def single_reference(text: str) -> str | None:
    """Return the reference that is all of a template, such as `aws_route53_zone.zone.zone_id`.

    None if the template is anything else.
    """
    match = _WHOLE.fullmatch(text) if text.startswith("${") else None
    return match.group(1) if match else None


def references(value: object) -> tuple[str, ...]:
    """Return the distinct references in a template's expressions, in order."""
    if not isinstance(value, str) or ("${" not in value and "%{" not in value):
        return ()
    if single := single_reference(value):
        return (single,)
    names = (each for part in parts(value) if part.is_expression for each in _inside(part.text))
    return tuple(dict.fromkeys(names))


def replaced_references(text: str, replacements: dict[str, str]) -> str:
    """Replace references in an expression, but not in its quoted literals."""

    def other(match: re.Match[str]) -> str:
        quoted, reference = match.groups()
        if quoted is None:
            return replacements.get(reference, reference)
        if "${" not in quoted:
            return quoted
        inner, end = _unquoted(quoted)
        return f'"{"".join(_replaced_part(part, replacements) for part in parts(inner))}{end}'

    return _TOKEN.sub(other, text)


@lru_cache(maxsize=4096)
def steps(reference: str) -> tuple[Step, ...]:
    """Split a reference into names and keys (str), indices (int) and `EACH_KEY`."""
    head = re.match(r"[\w-]*", reference)
    assert head is not None  # noqa: S101 - it matches anything
    path: list[Step] = [head.group()]
    path += (_step(each.group()) for each in _EACH_STEP.finditer(reference, head.end()))
    return tuple(path)


def parts(text: str) -> tuple[TemplatePart, ...]:
    """Split a template into its expressions and the literal texts between them.

    An unterminated expression extends to the end of the text.
    """
    if single_reference(text):
        return (TemplatePart(text, is_expression=True),)
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[TemplatePart]:
    start = position = 0
    while opening := _OPENING.search(text, position):
        if opening.group() in {"$${", "%%{"}:
            position = opening.end()
            continue
        if opening.start() > start:
            yield TemplatePart(text[start : opening.start()], is_expression=False)
        start = position = _end(text, opening.end())
        yield TemplatePart(text[opening.start() : start], is_expression=True)
    if start < len(text):
        yield TemplatePart(text[start:], is_expression=False)


def _end(text: str, position: int) -> int:
    """Return the end of the expression open at `position`; quoted templates nest inside it."""
    open_: list[str] = ["{"]
    for match in _NESTING.finditer(text, position):
        mark, in_quotes = match.group(), open_[-1] == '"'
        if mark == '"':
            open_.pop() if in_quotes else open_.append(mark)
        elif mark == "{":
            if not in_quotes or text[match.start() - 1] in "$%":
                open_.append(mark)
        elif mark == "}" and not in_quotes:
            open_.pop()
            if not open_:
                return match.end()
    return len(text)


def _inside(expression: str) -> Iterator[str]:
    for quoted, reference in _TOKEN.findall(expression[2:]):
        if reference:
            yield reference
        elif "${" in quoted:
            for part in parts(_unquoted(quoted)[0]):
                if part.is_expression:
                    yield from _inside(part.text)


def _unquoted(quoted: str) -> tuple[str, str]:
    """Return the content of a quoted string and its closing quote, empty if it is missing."""
    end = '"' if len(quoted) > 1 and quoted.endswith('"') else ""
    return quoted[1 : len(quoted) - len(end)], end


def _replaced_part(part: TemplatePart, replacements: dict[str, str]) -> str:
    return replaced_references(part.text, replacements) if part.is_expression else part.text


def _step(text: str) -> Step:
    inner = text[1:] if text.startswith(".") else text[1:-1].strip()
    if inner.isdigit():
        return int(inner)
    if inner in {"each.key", "each.value", "count.index"}:
        return EACH_KEY
    return inner[1:-1].replace('\\"', '"') if inner.startswith('"') else inner

"""Text of Terraform's JSON: literal, or with expressions in it.

`${...}` is an expression and `%{...}` a directive; a literal `${` or `%{` stands as `$${` or `%%{`
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
# A quoted text that never ends goes to the end, so that no search begins anew inside it.
_TOKEN: Final = re.compile(
    rf'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|(?<![\w.\]-])({_REFERENCE})', re.DOTALL
)
_EACH_STEP: Final = re.compile(_STEP)
_OPENING: Final = re.compile(r"(?<!\$)\$\{|(?<!%)%\{|\$\$\{|%%\{")
_NESTING: Final = re.compile(r'"|\{|\}|\\.', re.DOTALL)

Step = str | int
EACH_KEY: Final = "[each.key]"
"""The step of a reference that takes the instance with the key of the one that refers."""


class Part(NamedTuple):
    """A part of a text: an expression with its `${` and `}`, or what stands between."""

    text: str
    is_expression: bool


def literal(value: object) -> str | None:
    """Give the text that a value means, None when it is no text or holds an expression."""
    if not isinstance(value, str) or has_expression(value):
        return None
    return value.replace("$${", "${").replace("%%{", "%{")


def escaped(text: str) -> str:
    """Write a literal text as JSON configuration would."""
    return text.replace("${", "$${").replace("%{", "%%{")


def texts(value: object) -> tuple[str, ...]:
    """Give a text, or the texts of a list: a list that is not known yet is one expression."""
    if isinstance(value, str):
        return (value,)
    entries: list[Any] = value if isinstance(value, list) else []
    return tuple(each for each in entries if isinstance(each, str))


def has_expression(text: str) -> bool:
    """Tell whether an expression or a directive is in a text."""
    if "${" not in text and "%{" not in text:
        return False
    return any(part.is_expression for part in parts(text))


def single_reference(text: str) -> str | None:
    """Give the reference that a text consists of, such as `aws_route53_zone.zone.zone_id`."""
    found = _WHOLE.fullmatch(text) if text.startswith("${") else None
    return found.group(1) if found else None


def references(value: object) -> tuple[str, ...]:
    """Give every reference in a text's expressions, in their order and each once."""
    if not isinstance(value, str) or ("${" not in value and "%{" not in value):
        return ()
    if single := single_reference(value):
        return (single,)
    found = (each for part in parts(value) if part.is_expression for each in _inside(part.text))
    return tuple(dict.fromkeys(found))


def replaced_references(text: str, replacements: dict[str, str]) -> str:
    """Put other text in the place of references in an expression, but not in its quoted texts."""

    def other(found: re.Match[str]) -> str:
        quoted, reference = found.groups()
        if quoted is None:
            return replacements.get(reference, reference)
        if "${" not in quoted:
            return quoted
        inner, end = _unquoted(quoted)
        return f'"{"".join(_replaced_part(part, replacements) for part in parts(inner))}{end}'

    return _TOKEN.sub(other, text)


@lru_cache(maxsize=4096)
def steps(reference: str) -> tuple[Step, ...]:
    """Take a reference apart: names and keys as text, numbers as such, `[each.key]`."""
    head = re.match(r"[\w-]*", reference)
    assert head is not None  # noqa: S101 - it matches anything
    found: list[Step] = [head.group()]
    found += (_step(each.group()) for each in _EACH_STEP.finditer(reference, head.end()))
    return tuple(found)


def parts(text: str) -> tuple[Part, ...]:
    """Take a text apart into expressions and what stands between them.

    An expression that never ends goes to the end of the text.
    """
    if single_reference(text):
        return (Part(text, is_expression=True),)
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    start = position = 0
    while opening := _OPENING.search(text, position):
        if opening.group() in {"$${", "%%{"}:
            position = opening.end()
            continue
        if opening.start() > start:
            yield Part(text[start : opening.start()], is_expression=False)
        start = position = _end(text, opening.end())
        yield Part(text[opening.start() : start], is_expression=True)
    if start < len(text):
        yield Part(text[start:], is_expression=False)


def _end(text: str, position: int) -> int:
    """Find where an expression ends that is open at `position`; templates in quotes nest in it."""
    open_: list[str] = ["{"]
    for found in _NESTING.finditer(text, position):
        mark, in_quotes = found.group(), open_[-1] == '"'
        if mark == '"':
            open_.pop() if in_quotes else open_.append(mark)
        elif mark == "{":
            if not in_quotes or text[found.start() - 1] in "$%":
                open_.append(mark)
        elif mark == "}" and not in_quotes:
            open_.pop()
            if not open_:
                return found.end()
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
    """Give what is in quotes, and the closing one, which may be missing."""
    end = '"' if len(quoted) > 1 and quoted.endswith('"') else ""
    return quoted[1 : len(quoted) - len(end)], end


def _replaced_part(part: Part, replacements: dict[str, str]) -> str:
    return replaced_references(part.text, replacements) if part.is_expression else part.text


def _step(text: str) -> Step:
    inner = text[1:] if text.startswith(".") else text[1:-1].strip()
    if inner.isdigit():
        return int(inner)
    if inner in {"each.key", "each.value", "count.index"}:
        return EACH_KEY
    return inner[1:-1].replace('\\"', '"') if inner.startswith('"') else inner

"""Parser of Terraform expressions and templates."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from iot_dr.emit.hcl.expression import (
    CLOSING,
    EQUALS,
    FOR,
    Expression,
    Group,
    Token,
    TokenKind,
    flattened,
    is_bare_key,
    number,
    sign,
    spaced,
    word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """An interpolation `${...}`."""

    expression: Expression

    @property
    def text(self) -> str:
        """The formatted interpolation."""
        begin, end = Token(TokenKind.BEGIN, "${"), Token(TokenKind.END, "}")
        return spaced((begin, *flattened(self.expression), end))


Part: TypeAlias = str | Sequence

_TOKEN = re.compile(
    r"""
    (?P<skipped> [ \t]+ | (?: \# | // )[^\n]* | /\*.*?\*/ )
    | (?P<newline> \r?\n )
    | (?P<number> \d+ (?: \.\d+ )? (?: [eE][+-]?\d+ )? )
    | (?P<word> [^\W\d][\w-]* )
    | (?P<quote> " )
    | (?P<opening> [(\[{] )
    | (?P<closing> [)\]}] )
    | (?P<sign> == | != | >= | <= | && | \|\| | => | :: | \.\.\. | <(?!<) | [.,*/%+\-=>!?:] )
    """,
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(r"\$\$\{|%%\{|[$%]\{")
_QUOTED = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
_ESCAPES = ("\\", "$$", "%%")


def parse_expression(text: str) -> Expression:
    """Parse an expression; raises ValueError if it is invalid."""
    return _Reader(text, 0).whole()


def parse_template(text: str) -> list[Part]:
    """Parse a template without resolving escapes; raises ValueError if it is invalid."""
    return _Reader(text, 0).template(_TEMPLATE)


class _Reader:
    """Parser of a text, from a position on."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._position = position
        self._wrapped: dict[Token, Expression] = {}

    def whole(self) -> Expression:
        """Parse one expression up to the end."""
        items, closing = self._items("")
        if closing or len(items) != 1:
            raise self._error("is not an expression")
        return items[0]

    def template(self, marks: re.Pattern[str]) -> list[Part]:
        """Parse the parts of a template up to its closing quote or to the end."""
        parts: list[Part] = []
        literal = self._position
        while mark := marks.search(self._text, self._position):
            self._position = mark.end()
            if mark[0].startswith(_ESCAPES):
                continue
            parts.append(self._text[literal : mark.start()])
            if mark[0] == '"':
                return parts
            if mark[0] == "%{":
                raise self._error("has a directive, which is not supported")
            parts.append(self._sequence())
            literal = self._position
        if marks is _QUOTED:
            raise self._error("has an unclosed string")
        return [*parts, self._text[literal:]]

    def _sequence(self) -> Sequence:
        items, end = self._items("${")
        if len(items) != 1 or end != "}":
            raise self._error("has a ${ without an expression and }")
        return Sequence(expression=items[0])

    def _items(self, bracket: str) -> tuple[list[Expression], str]:
        """Parse items up to the closing bracket, which is empty at the text's end."""
        items: list[Expression] = []
        item: list[Token | Group] = []
        while self._position < len(self._text):
            kind, text = self._next()
            if kind == "closing":
                return [*items, *self._finished(item)], text
            is_for = not items and item[:1] == [FOR]
            if kind == "number" and item[-1:] == [sign(".")] and sign("*") not in item:
                item[-1:] = _indexes(text)
            elif is_for or not _separates(kind, text, bracket):
                item += self._part(kind, text)
            elif item:
                items += self._finished(item)
                item = []
        return [*items, *self._finished(item)], ""

    def _finished(self, item: list[Token | Group]) -> list[Expression]:
        """Return an item, if any; a string of only one interpolation becomes its expression."""
        match item:
            case []:
                return []
            case [Token() as token] if token in self._wrapped:
                return [self._wrapped[token]]
            case _:
                return [tuple(item)]

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._position)
        if not match:
            rest = self._text[self._position :][:20]
            raise self._error(f"cannot be parsed from {rest!r} on (heredocs are not supported)")
        self._position = match.end()
        return str(match.lastgroup), match[0]

    def _part(self, kind: str, text: str) -> list[Token | Group]:
        match kind:
            case "skipped" | "newline":
                return []
            case "number":
                return [number(text)]
            case "word":
                return [word(text)]
            case "quote":
                return [self._quoted()]
            case "opening":
                return [self._group(text)]
            case _:
                return [sign(text)]

    def _quoted(self) -> Token:
        parts = self.template(_QUOTED)
        inside = "".join(part if isinstance(part, str) else part.text for part in parts)
        token = Token(TokenKind.QUOTED, f'"{inside}"')
        match parts:
            case ["", Sequence(expression=expression), ""]:
                self._wrapped[token] = expression
            case _:
                pass
        return token

    def _group(self, bracket: str) -> Group:
        items, closing = self._items(bracket)
        if closing != CLOSING[bracket]:
            raise self._error(f"has an unclosed {bracket}")
        group = Group(bracket, tuple(items))
        if bracket == "{" and not group.is_for:
            return Group(bracket, tuple(map(_entry, items)))
        return group

    def _error(self, problem: str) -> ValueError:
        return ValueError(f"{self._text!r} {problem}; correct the Terraform expression")


def _indexes(text: str) -> list[Group]:
    """Return `.0`, which cdktf writes, as `[0]`, which is equivalent unless it follows `.*`."""
    return [Group("[", ((number(index),),)) for index in text.split(".")]


def _separates(kind: str, text: str, bracket: str) -> bool:
    return text == "," or (kind == "newline" and bracket == "{")


def _entry(item: Expression) -> Expression:
    """Return an object's entry as `name = value`, with quotes only if needed."""
    key, *rest = item
    if not rest or rest[0] not in (EQUALS, sign(":")):
        raise ValueError(f"{spaced(flattened(item))!r}: expected an object's entry, key = value")
    name = key.text[1:-1] if isinstance(key, Token) and key.kind is TokenKind.QUOTED else ""
    return (word(name) if is_bare_key(name) else key, EQUALS, *rest[1:])

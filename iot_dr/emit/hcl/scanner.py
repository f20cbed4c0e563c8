"""The reading of Terraform's expressions and templates, as Terraform's own scanner reads them."""

import re
from dataclasses import dataclass
from typing import TypeAlias

from iot_dr.emit.hcl.expression import (
    CLOSING,
    EQUALS,
    FOR,
    Expression,
    Group,
    Kind,
    Token,
    flattened,
    is_bare_key,
    number,
    sign,
    spaced,
    word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """An interpolation `${...}` or a directive `%{...}`; a `~` in its marks trims spaces."""

    begin: str
    expression: Expression
    end: str

    @property
    def text(self) -> str:
        """The whole sequence, formatted."""
        begin, end = Token(Kind.BEGIN, self.begin), Token(Kind.END, self.end)
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
    | (?P<closing> [)\]}] | ~} )
    | (?P<sign> == | != | >= | <= | && | \|\| | => | :: | \.\.\. | <(?!<) | [.,*/%+\-=>!?:] )
    """,
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(r"\$\$\{|%%\{|[$%]\{~?")
_QUOTED = re.compile(r'\\.|\$\$\{|%%\{|[$%]\{~?|"', re.DOTALL)
_ESCAPES = ("\\", "$$", "%%")


def scanned(text: str) -> Expression:
    """Read a text that is an expression; raises ValueError where it is none."""
    return _Reader(text, 0).whole()


def template(text: str) -> list[Part]:
    """Read a template, whose escapes stay; raises ValueError where a sequence in it is wrong."""
    return _Reader(text, 0).template(_TEMPLATE)


class _Reader:
    """Reads a text from a position on."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._position = position
        self._wrapped: dict[Token, Expression] = {}

    def whole(self) -> Expression:
        """Read the one expression up to the end."""
        items, closing = self._items("")
        if closing or len(items) != 1:
            raise self._error("is no expression")
        return items[0]

    def template(self, marks: re.Pattern[str]) -> list[Part]:
        """Read the parts of a template up to its closing quote, or to the end if it has none."""
        parts: list[Part] = []
        literal = self._position
        while mark := marks.search(self._text, self._position):
            self._position = mark.end()
            if mark[0].startswith(_ESCAPES):
                continue
            parts.append(self._text[literal : mark.start()])
            if mark[0] == '"':
                return parts
            parts.append(self._sequence(mark[0]))
            literal = self._position
        if marks is _QUOTED:
            raise self._error("has a string that is not closed")
        return [*parts, self._text[literal:]]

    def _sequence(self, begin: str) -> Sequence:
        items, end = self._items(begin)
        if len(items) != 1 or not end.endswith("}"):
            raise self._error(f"has a {begin[:2]} that no expression and }} follow")
        return Sequence(begin=begin, expression=items[0], end=end)

    def _items(self, bracket: str) -> tuple[list[Expression], str]:
        """Read items up to the bracket that closes them, which is empty at the text's end."""
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
        """Return an item, if there is one; a string with but one interpolation is what is in it."""
        match item:
            case []:
                return []
            case [Token() as token] if token in self._wrapped:
                return [self._wrapped[token]]
            case _:
                return [tuple(item)]

    def _next(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self._position)
        if not found:
            rest = self._text[self._position :][:20]
            raise self._error(
                f"cannot be read from {rest!r} on (a heredoc would have to be quoted)"
            )
        self._position = found.end()
        return str(found.lastgroup), found[0]

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
        token = Token(Kind.QUOTED, f'"{inside}"')
        match parts:
            case ["", Sequence(begin="${" | "${~", expression=expression), ""]:
                self._wrapped[token] = expression
            case _:
                pass
        return token

    def _group(self, bracket: str) -> Group:
        items, closing = self._items(bracket)
        if closing != CLOSING[bracket]:
            raise self._error(f"has a {bracket} that is not closed")
        group = Group(bracket, tuple(items))
        if bracket == "{" and not group.is_for:
            return Group(bracket, tuple(map(_entry, items)))
        return group

    def _error(self, problem: str) -> ValueError:
        return ValueError(f"{self._text!r} {problem}; correct the expression of Terraform in it")


def _indexes(text: str) -> list[Group]:
    """Write the old `.0` as `[0]`, which means the same unless a `.*` stands before it."""
    return [Group("[", ((number(index),),)) for index in text.split(".")]


def _separates(kind: str, text: str, bracket: str) -> bool:
    return text == "," or (kind == "newline" and bracket == "{")


def _entry(item: Expression) -> Expression:
    """Write an entry of an object as people do: `name = value`, with quotes only where needed."""
    key, *rest = item
    if not rest or rest[0] not in (EQUALS, sign(":")):
        raise ValueError(f"{spaced(flattened(item))!r} is no entry of an object: write key = value")
    name = key.text[1:-1] if isinstance(key, Token) and key.kind is Kind.QUOTED else ""
    return (word(name) if is_bare_key(name) else key, EQUALS, *rest[1:])

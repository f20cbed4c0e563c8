"""Expressions of Terraform's language as trees of tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias


class Kind(Enum):
    """What a token is; a template's marks are `${` or `%{`, and the `}` that ends either."""

    WORD = auto()
    NUMBER = auto()
    QUOTED = auto()
    SIGN = auto()
    BEGIN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token; that of a quoted string is the whole string, formatted."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in brackets: arguments, the elements of a list, the entries of an object.

    One that `is_open` has a line for each item, even where all would fit on one line.
    """

    bracket: str
    items: "tuple[Expression, ...]"
    is_open: bool = False

    @property
    def opening(self) -> Token:
        """The bracket at its start."""
        return sign(self.bracket)

    @property
    def closing(self) -> Token:
        """The bracket at its end."""
        return sign(CLOSING[self.bracket])

    @property
    def is_for(self) -> bool:
        """Tell whether it is a `for` expression, which is one item."""
        return bool(self.items) and self.items[0][0] == FOR


Expression: TypeAlias = tuple[Token | Group, ...]

CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
FOR: Final = Token(Kind.WORD, "for")
COMMA: Final = Token(Kind.SIGN, ",")
EQUALS: Final = Token(Kind.SIGN, "=")

# Terraform takes more letters than these; a key with others is as well written in quotes.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_KEYWORDS = frozenset(("for", "true", "false", "null"))


def word(text: str) -> Token:
    """Give the token of a name or keyword."""
    return Token(Kind.WORD, text)


def number(text: str) -> Token:
    """Give the token of a number."""
    return Token(Kind.NUMBER, text)


def sign(text: str) -> Token:
    """Give the token of an operator, a bracket or a separator."""
    return Token(Kind.SIGN, text)


def call(function: str, argument: Expression) -> Expression:
    """Give the call of a function with one argument."""
    return word(function), Group("(", (argument,))


def is_identifier(text: str) -> bool:
    """Tell whether a text can be a name: of an argument, or of an object's key without quotes."""
    return bool(_IDENTIFIER.fullmatch(text))


def is_bare_key(text: str) -> bool:
    """Tell whether an object's key needs no quotes: it would be taken for no keyword."""
    return is_identifier(text) and text not in _KEYWORDS


def flattened(expression: Expression) -> Iterator[Token]:
    """Give the tokens of an expression that is written on one line."""
    for part in expression:
        if isinstance(part, Token):
            yield part
            continue
        yield part.opening
        for index, item in enumerate(part.items):
            if index:
                yield COMMA
            yield from flattened(item)
        yield part.closing

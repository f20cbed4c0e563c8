"""Terraform expressions as trees of tokens, and as text on one line."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

CLOSING: Final = {"(": ")", "[": "]", "{": "}"}

# Terraform allows more letters; keys with others are quoted, which is equivalent.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_KEYWORDS = frozenset(("for", "true", "false", "null"))

# A minus after one of these is unary. The start of an interpolation is not included, as in fmt.
_BEFORE_NEGATION = frozenset(("", *"([{=:,?+*/%-!", "==", "!=", ">", ">=", "<", "<=", "&&", "||"))


class TokenKind(Enum):
    """The kind of a token; BEGIN and END are a template's `${` or `%{` and its `}`."""

    WORD = auto()
    NUMBER = auto()
    QUOTED = auto()
    SIGN = auto()
    BEGIN = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token; a quoted string is one token, formatted."""

    kind: TokenKind
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """A bracketed group: arguments, elements of a list, or entries of an object.

    With `is_open` each item has its own line, even if all fit on one.
    """

    bracket: str
    items: "tuple[Expression, ...]"
    is_open: bool = False

    @property
    def opening(self) -> Token:
        """The opening bracket."""
        return sign(self.bracket)

    @property
    def closing(self) -> Token:
        """The closing bracket."""
        return sign(CLOSING[self.bracket])

    @property
    def is_for(self) -> bool:
        """Whether the group is a `for` expression."""
        return bool(self.items) and self.items[0][0] == FOR


Expression: TypeAlias = tuple[Token | Group, ...]
FOR: Final = Token(TokenKind.WORD, "for")
COMMA: Final = Token(TokenKind.SIGN, ",")
EQUALS: Final = Token(TokenKind.SIGN, "=")


def word(text: str) -> Token:
    """Return the token of a name or keyword."""
    return Token(TokenKind.WORD, text)


def number(text: str) -> Token:
    """Return the token of a number."""
    return Token(TokenKind.NUMBER, text)


def sign(text: str) -> Token:
    """Return the token of an operator, a bracket or a separator."""
    return Token(TokenKind.SIGN, text)


def call(function: str, argument: Expression) -> Expression:
    """Return a function call with one argument."""
    return word(function), Group("(", (argument,))


def is_identifier(text: str) -> bool:
    """Whether a text is an identifier of ASCII letters; Terraform allows others, too."""
    return bool(_IDENTIFIER.fullmatch(text))


def is_bare_key(text: str) -> bool:
    """Whether an object's key needs no quotes: an identifier that is not a keyword."""
    return is_identifier(text) and text not in _KEYWORDS


def flattened(expression: Expression) -> Iterator[Token]:
    """Yield the tokens of an expression on one line."""
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


_NOTHING = Token(TokenKind.SIGN, "")
_IN = Token(TokenKind.WORD, "in")


def spaced(tokens: Iterable[Token]) -> str:
    """Return tokens as text with the spaces of `terraform fmt`."""
    text = ""
    before = left = _NOTHING
    for token in tokens:
        if left is not _NOTHING and _is_apart(before, left, token):
            text += " "
        text += token.text
        before, left = left, token
    return text


def _is_apart(before: Token, left: Token, right: Token) -> bool:
    return next((is_apart for applies, is_apart in _RULES if applies(before, left, right)), True)


def _is(token: Token, *texts: str) -> bool:
    return token.kind is TokenKind.SIGN and token.text in texts


def _opens(token: Token) -> bool:
    return token.kind is TokenKind.BEGIN or _is(token, *CLOSING)


def _closes(token: Token) -> bool:
    return token.kind is TokenKind.END or _is(token, *CLOSING.values())


def _is_indexed(left: Token, right: Token) -> bool:
    return _is(right, "[") and (left.kind in (TokenKind.WORD, TokenKind.NUMBER) or _closes(left))


def _is_negation(before: Token, left: Token) -> bool:
    return _is(left, "-") and before.kind is TokenKind.SIGN and before.text in _BEFORE_NEGATION


# The first rule that applies decides whether a space is between `left` and `right`.
_RULES: Final[tuple[tuple[Callable[[Token, Token, Token], bool], bool], ...]] = (
    (lambda _, left, right: left.kind is TokenKind.WORD and _is(right, "(", "::"), False),
    (lambda _, left, right: _is(left, "::") and right.kind is TokenKind.WORD, False),
    (lambda _, left, right: _is(left, ".") or _is(right, ".", ",", "..."), False),
    (lambda _, left, __: _is(left, ","), True),
    (lambda before, left, __: left == _IN and before.kind is TokenKind.WORD, True),
    (lambda _, left, right: _is_indexed(left, right), False),
    (lambda _, left, __: _is(left, "!"), False),
    (lambda before, left, __: _is_negation(before, left), False),
    (lambda _, left, right: _is(left, "{") and _is(right, "}"), False),
    (lambda _, left, right: _is(left, "{") or _is(right, "}"), True),
    (lambda _, left, right: left.kind is TokenKind.BEGIN and _is(right, "{"), True),
    (lambda _, left, right: _is(left, "}") and right.kind is TokenKind.END, True),
    (lambda _, left, right: _opens(left) or _closes(right), False),
)

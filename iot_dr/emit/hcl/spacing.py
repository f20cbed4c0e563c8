"""Where `terraform fmt` puts a space between the tokens of a line."""

from collections.abc import Callable, Iterable
from typing import Final

from iot_dr.emit.hcl.expression import CLOSING, Kind, Token

_NOTHING = Token(Kind.SIGN, "")
_IN = Token(Kind.WORD, "in")
# A minus after one of these is the sign of a number. The start of an interpolation is not among
# them, as fmt does not know it either.
_BEFORE_NEGATION = frozenset(("", *"([{=:,?+*/%-!", "==", "!=", ">", ">=", "<", "<=", "&&", "||"))


def spaced(tokens: Iterable[Token]) -> str:
    """Write the tokens of a line, or of a part of one that is formatted by itself."""
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
    return token.kind is Kind.SIGN and token.text in texts


def _opens(token: Token) -> bool:
    return token.kind is Kind.BEGIN or _is(token, *CLOSING)


def _closes(token: Token) -> bool:
    return token.kind is Kind.END or _is(token, *CLOSING.values())


def _is_indexed(left: Token, right: Token) -> bool:
    return _is(right, "[") and (left.kind in (Kind.WORD, Kind.NUMBER) or _closes(left))


def _is_negation(before: Token, left: Token) -> bool:
    return _is(left, "-") and before.kind is Kind.SIGN and before.text in _BEFORE_NEGATION


# The first that applies decides. `left` is the token whose space to `right` is asked for.
_RULES: Final[tuple[tuple[Callable[[Token, Token, Token], bool], bool], ...]] = (
    (lambda _, left, right: left.kind is Kind.WORD and _is(right, "(", "::"), False),
    (lambda _, left, right: _is(left, "::") and right.kind is Kind.WORD, False),
    (lambda _, left, right: _is(left, ".") or _is(right, ".", ",", "..."), False),
    (lambda _, left, __: _is(left, ","), True),
    (lambda before, left, __: left == _IN and before.kind is Kind.WORD, True),
    (lambda _, left, right: _is_indexed(left, right), False),
    (lambda _, left, __: _is(left, "!"), False),
    (lambda before, left, __: _is_negation(before, left), False),
    (lambda _, left, right: _is(left, "{") and _is(right, "}"), False),
    (lambda _, left, right: _is(left, "{") or _is(right, "}"), True),
    (lambda _, left, right: left.kind is Kind.BEGIN and _is(right, "{"), True),
    (lambda _, left, right: _is(left, "}") and right.kind is Kind.END, True),
    (lambda _, left, right: _opens(left) or _closes(right), False),
)

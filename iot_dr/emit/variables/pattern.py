"""Literals and regular expressions in Terraform conditions; RE2 has no lookaheads."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from modules.template import escaped

# pkg.go.dev/regexp/syntax: limit of a count, and of the product of nested counts.
_MOST_REPEATS: Final = 1000
_ASCII: Final = tuple(chr(code) for code in range(ord(" "), ord("~") + 1))
_ESCAPED: Final = r"\\[!-/:-@\[-`{-~]"
# Not supported: `.`, `\d` and `[^a]`, which match more than ASCII, where Terraform's `length`
# differs from Python's; `[[:a:]]` and `{,9}`, which mean something else in RE2.
_SIGN: Final = re.compile(
    rf"[ !\"#%&',\-/0-9:;<=>@A-Z_`a-z~]|{_ESCAPED}|\[(?:[ -Z_-~]|{_ESCAPED})+\]"
)
_COUNT: Final = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}")
_OPEN: Final = re.compile(r"\((?:\?:|(?!\?))")
_LOOK: Final = re.compile(r"\(\?!")
_CLOSE: Final = re.compile(r"\)")
_BAR: Final = re.compile(r"\|")
_END: Final = re.compile(r"\$")


def conditions(pattern: str, value: str) -> Iterator[str]:
    """Yield conditions that are all true exactly if `pattern` matches a whole text.

    `value` is the expression of that text. Raises ValueError for an unsupported pattern: a negative
    lookahead is supported at the start, and where `_is_at_one_place` is true.
    """
    parts = read(pattern)
    yield f"can(regex({literal(f'^(?:{_pieces(parts).text})$')}, {value}))"
    for index, part in enumerate(parts):
        if isinstance(part, Lookahead):
            before = _pieces(parts[:index])
            if before.text and not _is_at_one_place(before, part, _pieces(parts[index:])):
                raise ValueError(
                    f"the pattern {pattern!r} cannot be used in Terraform because of"
                    f" '(?!{part.text})': it must end with $ and follow a character that neither"
                    " it nor the rest can match"
                )
            yield f"!can(regex({literal(f'^{before.text}(?:{part.text})')}, {value}))"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a pattern, with the same meaning in Python and RE2.

    `signs` are all characters that a match may contain, and `last` those with which it may end; it
    can be empty only if `may_be_empty`. `repeats` is the largest product of counts nested in each
    other, which RE2 limits to 1000.
    """

    text: str = ""
    signs: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    may_be_empty: bool = True
    repeats: int = 1


@dataclass(frozen=True, kw_only=True)
class Lookahead:
    """A negative lookahead; `is_to_the_end`: all of its alternatives end with `$`."""

    text: str
    signs: frozenset[str]
    is_to_the_end: bool


def _pieces(parts: Sequence[Piece | Lookahead]) -> Piece:
    return joined(part for part in parts if isinstance(part, Piece))


def _is_at_one_place(before: Piece, look: Lookahead, after: Piece) -> bool:
    """Whether a lookahead applies at one position of a text, however the text is matched.

    The position is after the text's last character of `before.last`. So `before` must not match the
    empty text, and neither the rest nor the lookahead may contain such a character.
    """
    beyond = after.signs | look.signs
    return look.is_to_the_end and not before.may_be_empty and beyond.isdisjoint(before.last)


def literal(value: str | Sequence[str | int]) -> str:
    """Return printable ASCII text, or a list, as an expression such as `["auto", "latched"]`.

    For these, escapes in JSON and in Terraform differ only in templates.
    """
    return escaped(json.dumps(value))


def read(pattern: str) -> tuple[Piece | Lookahead, ...]:
    """Split a pattern at its negative lookaheads, which must be outside of groups.

    Raises ValueError for a pattern that RE2 does not support or interprets differently.
    """
    return _Reader(pattern).parts()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def parts(self) -> tuple[Piece | Lookahead, ...]:
        parts = tuple(self._outside_of_groups())
        pieces = [part for part in parts if isinstance(part, Piece)]
        # Alternatives to a lookahead are refused, as the rest of the pattern is not consumed.
        if len(pieces) == len(parts) and self._take(_BAR):
            parts = (either(joined(pieces), self._alternatives()),)
        if self._at < len(self._pattern):
            raise self._refusal()
        return parts

    def _outside_of_groups(self) -> Iterator[Piece | Lookahead]:
        while self._goes_on():
            yield self._lookahead() if self._take(_LOOK) else self._piece()

    def _lookahead(self) -> Lookahead:
        branches = [self._to_the_end()]
        while self._take(_BAR):
            branches.append(self._to_the_end())
        self._close()
        whole = reduce(either, (piece for piece, _ in branches))
        return Lookahead(
            text=whole.text,
            signs=whole.signs,
            is_to_the_end=all(is_to_the_end for _, is_to_the_end in branches),
        )

    def _to_the_end(self) -> tuple[Piece, bool]:
        piece, end = self._sequence(), self._take(_END)
        return replace(piece, text=piece.text + end), bool(end)

    def _alternatives(self) -> Piece:
        piece = self._sequence()
        return either(piece, self._alternatives()) if self._take(_BAR) else piece

    def _sequence(self) -> Piece:
        pieces: list[Piece] = []
        while self._goes_on():
            pieces.append(self._piece())
        return joined(pieces)

    def _piece(self) -> Piece:
        if sign := self._take(_SIGN):
            signs = frozenset(each for each in _ASCII if re.fullmatch(sign, each))
            piece = Piece(text=sign, signs=signs, last=signs, may_be_empty=False)
        elif self._take(_OPEN):
            inner = self._alternatives()
            self._close()
            piece = replace(inner, text=f"(?:{inner.text})")
        else:
            raise self._refusal()
        return self._repeated(piece)

    def _repeated(self, piece: Piece) -> Piece:
        start, count = self._at, self._take(_COUNT)
        numbers = [int(number) for number in re.findall(r"\d+", count)]
        repeats = piece.repeats * max([1, *numbers])
        if repeats > _MOST_REPEATS:
            self._at = start
            raise self._refusal()
        may_be_empty = piece.may_be_empty or count in {"*", "?"} or 0 in numbers
        return replace(piece, text=piece.text + count, may_be_empty=may_be_empty, repeats=repeats)

    def _close(self) -> None:
        if not self._take(_CLOSE):
            raise self._refusal()

    def _goes_on(self) -> bool:
        return self._at < len(self._pattern) and self._pattern[self._at] not in "|)$"

    def _take(self, token: re.Pattern[str]) -> str:
        match = token.match(self._pattern, self._at)
        self._at = match.end() if match else self._at
        return match.group() if match else ""

    def _refusal(self) -> ValueError:
        rest = self._pattern[self._at :]
        return ValueError(
            f"the pattern {self._pattern!r} cannot be used in Terraform because of"
            f" {repr(rest) if rest else 'its end'}"
        )


def joined(pieces: Iterable[Piece]) -> Piece:
    """Return the concatenation of pieces."""
    return reduce(_followed, pieces, Piece())


def either(first: Piece, second: Piece) -> Piece:
    """Return the alternation of two pieces, without a group around it."""
    return Piece(
        text=f"{first.text}|{second.text}",
        signs=first.signs | second.signs,
        last=first.last | second.last,
        may_be_empty=first.may_be_empty or second.may_be_empty,
        repeats=max(first.repeats, second.repeats),
    )


def _followed(first: Piece, second: Piece) -> Piece:
    return Piece(
        text=first.text + second.text,
        signs=first.signs | second.signs,
        last=first.last | second.last if second.may_be_empty else second.last,
        may_be_empty=first.may_be_empty and second.may_be_empty,
        repeats=max(first.repeats, second.repeats),
    )

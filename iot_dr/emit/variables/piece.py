"""Parts of a regular expression, and what is known of the texts that they match."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a pattern; it means the same in Python and in RE2.

    What it matches has characters out of `signs` only, the last of them out of `last`, and is
    empty only if it `may_be_empty`. `repeats` is the highest product of counts inside each other.
    """

    text: str = ""
    signs: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    may_be_empty: bool = True
    repeats: int = 1


@dataclass(frozen=True, kw_only=True)
class Lookahead:
    """What must not follow; `is_to_the_end` tells whether that is about all that follows."""

    text: str
    signs: frozenset[str]
    is_to_the_end: bool


def joined(pieces: Iterable[Piece]) -> Piece:
    """Give the piece that matches what `pieces` match one after another."""
    return reduce(_followed, pieces, Piece())


def either(first: Piece, second: Piece) -> Piece:
    """Give the piece that matches what one of the two matches; in a pattern it needs a group."""
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

"""What a reader of a review sees, in order, whatever the format."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.rules.rule import Verdict


class Kind(Enum):
    """What a part is: `CODE` is a name or a value as it stands, `VERDICT` a verdict's word."""

    PROSE = "prose"
    CODE = "code"
    STRONG = "strong"
    VERDICT = "verdict"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of one kind; all of it may come from a stranger, whatever its kind."""

    kind: Kind
    text: str


Phrase = tuple[Part, ...]
"""A line, in parts that each format shows in its own way."""

ARROW: Final = Part(Kind.ARROW, "->")
"""Stands between a value and the one that takes its place."""

_QUOTED: Final = re.compile("`([^`]+)`")


def phrase(*parts: Part | str) -> Phrase:
    """Put parts together; a string is prose."""
    return tuple(Part(Kind.PROSE, each) if isinstance(each, str) else each for each in parts)


def sentence(text: str, most: int = 600) -> Phrase:
    """Return a sentence of at most so many characters; what stands in backticks in it is code."""
    pieces = _QUOTED.split(clipped(text, most))
    return tuple(
        Part(Kind.CODE if at % 2 else Kind.PROSE, piece) for at, piece in enumerate(pieces) if piece
    )


def code(text: str, most: int = 200) -> Part:
    """Mark a name or a value, of at most so many characters."""
    return Part(Kind.CODE, clipped(text, most))


def strong(text: str) -> Part:
    """Mark a word that should be seen first."""
    return Part(Kind.STRONG, text)


def listed(names: tuple[str, ...], most: int) -> Phrase:
    """Return names with commas between them, and count those after the first `most`."""
    parts: list[Part | str] = []
    for name in names[:most]:
        parts += [", ", code(name)] if parts else [code(name)]
    if len(names) > most:
        parts.append(f" and {len(names) - most:,} more")
    return phrase(*parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to know: `below` says more of it, `verbatim` is text with its own lines.

    `verdict` is None where it weighs nothing by itself.
    """

    phrase: Phrase
    below: tuple[Phrase, ...] = ()
    verbatim: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Items below a title, the worst first; `items` makes them anew, `count` says how many.

    `rank` says what goes first where there is no room for all: the higher, the sooner. `noun` is
    what an item is called, in the singular and in the plural.
    """

    title: str
    noun: tuple[str, str]
    rank: int
    count: int
    items: Callable[[], Iterator[Item]]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below their headers, of which the first `words` are no numbers.

    `totals` is the last row; there is none where there is one stack, or no number.
    """

    headers: tuple[Phrase, ...]
    words: int
    rows: tuple[tuple[Phrase, ...], ...]
    totals: tuple[Phrase, ...] | None


@dataclass(frozen=True, slots=True)
class StackPart:
    """A stack with changes: its name, what is said beside it, its changes in order of rank."""

    name: str
    summary: str
    changes: tuple[ResourceChange | OutputChange, ...]

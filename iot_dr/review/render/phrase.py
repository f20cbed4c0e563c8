"""A line of a review, in parts that each format shows in its own way."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from iot_dr.common.visible import clipped


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

_QUOTED: Final = re.compile("`([^`]+)`")


def phrase(*parts: Part | str) -> Phrase:
    """Put parts together; a string is prose."""
    return tuple(Part(Kind.PROSE, each) if isinstance(each, str) else each for each in parts)


def sentence(text: str, most: int = 600) -> Phrase:
    """Give a sentence of at most so many characters; what stands in backticks in it is code."""
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


ARROW: Final = Part(Kind.ARROW, "->")
"""Stands between a value and the one that takes its place."""


def listed(names: tuple[str, ...], most: int) -> Phrase:
    """Give names with commas between them, and count those after the first `most`."""
    parts: list[Part | str] = []
    for name in names[:most]:
        parts += [", ", code(name)] if parts else [code(name)]
    if len(names) > most:
        parts.append(f" and {len(names) - most:,} more")
    return phrase(*parts)

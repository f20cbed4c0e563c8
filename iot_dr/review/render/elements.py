"""The parts of a rendered review that all formats for people share."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from iot_dr.common.visible import clipped
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.rules.rule import Verdict


class TextKind(Enum):
    """The kind of a part; `CODE` is a literal name or value, `VERDICT` a `Verdict`'s value."""

    PROSE = "prose"
    CODE = "code"
    STRONG = "strong"
    VERDICT = "verdict"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text of one kind; it is untrusted, whatever its kind."""

    kind: TextKind
    text: str


Phrase = tuple[TextPart, ...]
"""A line of text as parts, which each format styles and escapes."""

ARROW: Final = TextPart(TextKind.ARROW, "->")
"""The arrow between an old and a new value."""

_QUOTED: Final = re.compile("`([^`]+)`")


def phrase(*parts: TextPart | str) -> Phrase:
    """Return parts as a phrase; a string is prose."""
    return tuple(
        TextPart(TextKind.PROSE, part) if isinstance(part, str) else part for part in parts
    )


def sentence(text: str, max_length: int = 600) -> Phrase:
    """Return at most `max_length` characters of a sentence; text in backticks is code."""
    pieces = _QUOTED.split(clipped(text, max_length))
    return tuple(
        TextPart(TextKind.CODE if at % 2 else TextKind.PROSE, piece)
        for at, piece in enumerate(pieces)
        if piece
    )


def code(text: str, max_length: int = 200) -> TextPart:
    """Return at most `max_length` characters of a name or a value as code."""
    return TextPart(TextKind.CODE, clipped(text, max_length))


def strong(text: str) -> TextPart:
    """Return an emphasized text."""
    return TextPart(TextKind.STRONG, text)


NAMES: Final = 12
"""Names that a list shows."""


def name_list(names: tuple[str, ...], max_names: int) -> Phrase:
    """Return the first names as a list with commas, and the number of the others."""
    parts: list[TextPart | str] = []
    for name in names[:max_names]:
        parts += [", ", code(name)] if parts else [code(name)]
    if len(names) > max_names:
        parts.append(f" and {len(names) - max_names:,} more")
    return phrase(*parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a section: `below` are its details, `verbatim` the lines of a quoted text.

    `verdict` is None if the item does not affect the overall verdict.
    """

    phrase: Phrase
    below: tuple[Phrase, ...] = ()
    verbatim: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of entries, worst first, each of which `item` renders.

    If space is limited, sections with a higher `rank` are filled first. `noun` names an entry, in
    the singular and in the plural.
    """

    title: str
    noun: tuple[str, str]
    rank: int
    entries: Sequence[Any]
    item: Callable[[Any], Item]
    is_folded: bool = False

    @property
    def count(self) -> int:
        """The number of entries."""
        return len(self.entries)

    def items(self) -> Iterator[Item]:
        """Return a new iterator over the rendered entries."""
        return map(self.item, self.entries)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first `text_columns` columns are text and whose others are numbers.

    `totals` is the last row; None if there is one stack only, or no number.
    """

    headers: tuple[Phrase, ...]
    text_columns: int
    rows: tuple[tuple[Phrase, ...], ...]
    totals: tuple[Phrase, ...] | None


@dataclass(frozen=True, slots=True)
class StackPart:
    """A stack with changes: its name, its summary, and its changes in order of importance."""

    name: str
    summary: str
    changes: tuple[ResourceChange | OutputChange, ...]

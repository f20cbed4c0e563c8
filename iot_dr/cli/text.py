"""Tables, paragraphs and counts of reports, the same on a terminal and in a file."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

_WIDTH: Final = 99


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of equal length as lines with aligned columns; no line is wrapped."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def filled(sentences: str) -> str:
    """Return sentences wrapped at 99 characters; longer words stay whole."""
    return fill(sentences, _WIDTH, break_long_words=False, break_on_hyphens=False)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 stack` and `2 stacks`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

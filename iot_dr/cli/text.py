"""Text of reports: tables, paragraphs and counts, the same on a terminal and in a file."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

_WIDTH: Final = 99


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Align the cells of rows of one length; no line is cut or broken."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def filled(sentences: str) -> str:
    """Break sentences into lines of at most 99 characters, and no word."""
    return fill(sentences, _WIDTH, break_long_words=False, break_on_hyphens=False)


def counted(number: int, what: str) -> str:
    """Return a number with what it counts, such as `1 stack` and `2 stacks`."""
    return f"{number} {what}{'' if number == 1 else 's'}"

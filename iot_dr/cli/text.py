"""Tables, paragraphs and counts of reports, and their lines on the terminal."""

import os
import shutil
import sys
from collections.abc import Sequence
from textwrap import fill
from typing import Final

import typer

from iot_dr.common.columns import columns
from iot_dr.common.plain_text import LINE_WIDTH, NARROW_WIDTH

QUIET: Final = "IOT_DR_QUIET"
"""The environment variable that, if not empty, turns progress off."""

_INDENT: Final = "    "


def echo(text: str = "", *, err: bool = False) -> None:
    """Print a report or message; its lines are wrapped at the width of the terminal.

    JSON documents, words longer than the terminal, and output to a file or pipe stay as they are;
    the variable COLUMNS sets a width for these too.
    """
    width = terminal_width(is_error=err)
    typer.echo(wrapped(text, width) if width and text[:1] not in {"{", "["} else text, err=err)


def wrapped(text: str, width: int) -> str:
    """Return a text with lines of at most `width` characters but for longer words.

    The rest of a line is indented by four more than its beginning; a table's row, with two spaces
    between its columns, continues below its last column if that begins in the left half.
    """
    lines = (
        line if len(line) <= width else _wrapped_line(line, width) for line in text.split("\n")
    )
    return "\n".join(lines)


def _wrapped_line(line: str, width: int) -> str:
    start = len(line) - len(line.lstrip())
    gap = line.rfind("  ", start)
    column = gap + 2 if start < gap <= width // 2 else start + len(_INDENT)
    return fill(
        line,
        width,
        subsequent_indent=" " * column,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )


def terminal_width(*, is_error: bool = False) -> int | None:
    """Return COLUMNS or the width of the terminal, None if the stream is a file or pipe."""
    stream = sys.stderr if is_error else sys.stdout
    if not os.environ.get("COLUMNS") and not stream.isatty():
        return None
    return shutil.get_terminal_size().columns


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as `columns` does, wrapped at the terminal's width, or 80 in a file or pipe."""
    return wrapped(columns(rows), terminal_width() or NARROW_WIDTH)


def filled(sentences: str) -> str:
    """Return sentences wrapped at 99 characters or the terminal's width; words stay whole."""
    width = min(LINE_WIDTH, terminal_width() or LINE_WIDTH)
    return fill(sentences, width, break_long_words=False, break_on_hyphens=False)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 stack` and `2 stacks`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

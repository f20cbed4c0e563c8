"""Where a review goes: one format to the standard output, several into a folder."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final, Literal

from rich.console import Console

from iot_dr.common.full_disk import reason
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.common.whole_file import whole_file
from iot_dr.review.impact.review import Review
from iot_dr.review.render import html, json_document, markdown, terminal

Format = Literal["terminal", "markdown", "json", "html"]

_MARKER: Final = 256
"""Bytes of a comment that are left to the line by which it is found again."""


def show(review: Review, format_: Format) -> None:
    """Print a review; colours are for a terminal alone, and as wide as it."""
    if format_ == "terminal":
        if sys.stdout.isatty():
            terminal.show(review, Console())
        else:
            terminal.write(review, sys.stdout)
    else:
        sys.stdout.flush()
        _WRITERS[format_](review, sys.stdout.buffer)
    sys.stdout.flush()


def keep(review: Review, folder: Path) -> None:
    """Write `review.json`, `review.html` and `review.md`, each whole or not at all.

    Raises UserError when the folder cannot be written.
    """
    try:
        for name, format_ in KEPT.items():
            with whole_file(folder / name) as file:
                _WRITERS[format_](review, file)
    except OSError as error:
        message = f"--out {plain(str(folder))}: the review cannot be written: {reason(error)}"
        raise UserError(message) from None


def _markdown(review: Review, file: BinaryIO) -> None:
    page = markdown.render(review, limit=markdown.LIMIT - _MARKER)
    file.write(page.text.encode())


def _json(review: Review, file: BinaryIO) -> None:
    json_document.write(review, file)


_WRITERS: Final[Mapping[Format, Callable[[Review, BinaryIO], None]]] = {
    "json": _json,
    "html": html.write,
    "markdown": _markdown,
}
KEPT: Final[Mapping[str, Format]] = {
    "review.json": "json",
    "review.html": "html",
    "review.md": "markdown",
}
"""The files that are kept, and their formats."""

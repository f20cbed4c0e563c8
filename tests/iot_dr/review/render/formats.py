"""A review in each format, as text."""

from collections.abc import Callable
from io import BytesIO, StringIO

from rich.console import Console

from iot_dr.review.impact.review import Review
from iot_dr.review.render import html, json_document, markdown, terminal


def html_page(review: Review) -> str:
    """Return the HTML page."""
    file = BytesIO()
    html.write(review, file)
    return file.getvalue().decode()


def plain_text(review: Review) -> str:
    """Return the plain text for a file."""
    file = StringIO()
    terminal.write(review, file)
    return file.getvalue()


def on_terminal(review: Review, width: int) -> str:
    """Return the output of a terminal of this width, without colours."""
    file = StringIO()
    terminal.show(review, Console(file=file, width=width, color_system=None))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


FORMATS: dict[str, Callable[[Review], str]] = {
    "md": lambda review: markdown.render(review).text,
    "txt": plain_text,
    "json": json_document.render,
    "html": html_page,
}
"""Renderers by file suffix."""

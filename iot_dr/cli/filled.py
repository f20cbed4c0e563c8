"""Sentences as a paragraph, the same on a terminal and in a file."""

from textwrap import fill
from typing import Final

_WIDTH: Final = 99


def filled(sentences: str) -> str:
    """Break sentences into lines of at most 99 characters, and no word."""
    return fill(sentences, _WIDTH, break_long_words=False, break_on_hyphens=False)

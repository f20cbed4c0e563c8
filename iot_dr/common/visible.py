"""Text from plans: invisible characters are escaped, long texts cut."""

import re
from typing import Final

from iot_dr.common.plain_text import plain

# Printable according to Python, but drawn as nothing: unicode.org/reports/tr44, property
# Default_Ignorable_Code_Point. They can hide text.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def visible(text: str) -> str:
    """Return text as `plain` does, with variation selectors and blank letters escaped too."""
    shown = plain(text)
    return shown if shown.isascii() else _UNSEEN.sub(_escaped, shown)


def clipped(text: str, most: int) -> str:
    """Return a text; a longer one than `most` characters is cut, with its full length appended."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")

"""Untrusted text, escaped for printing."""

from typing import Final

LINE_WIDTH: Final = 99
"""Characters in a line of a report that is not wrapped for a terminal."""

NARROW_WIDTH: Final = 80
"""Columns of what is also read on a narrow terminal."""

_FOUR_DIGITS = 0xFFFF


def plain(value: str) -> str:
    """Return text with control, direction and other unprintable characters escaped.

    Unprintable is what `str.isprintable` rejects: line breaks and most invisible characters.
    """
    if value.isprintable():
        return value
    return "".join(each if each.isprintable() else _escaped(each) for each in value)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= _FOUR_DIGITS else f"\\U{code:08x}"

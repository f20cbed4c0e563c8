"""Rows of text in aligned columns, the same on a terminal and in a file."""

from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Align the cells of rows of one length; no line is cut or broken."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )

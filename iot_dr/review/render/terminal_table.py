"""The table of stacks on a terminal; on a narrow one a line for each stack."""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.table import Table as Grid

from iot_dr.review.render.outline import Table
from iot_dr.review.render.phrase import Part, Phrase, phrase
from iot_dr.review.render.terminal_text import indented, styled

_GAP: Final = 2
_ROWS: Final = 200


def table_rows(table: Table, width: int) -> Iterator[RenderableType]:
    """Give the table, in the form that goes into so many columns."""
    rows = table.rows[:_ROWS]
    totals = (table.totals,) if table.totals else ()
    if _needed(table, (*rows, *totals)) <= width:
        yield _grid(table, (*rows, *totals))
    else:
        yield from (indented(styled(_line(table, row)), 2) for row in rows)
    if len(table.rows) > _ROWS:
        yield indented(styled(phrase(f"and {len(table.rows) - _ROWS:,} more stacks")), 2)


def _needed(table: Table, rows: tuple[tuple[Phrase, ...], ...]) -> int:
    columns = zip(table.headers, *rows, strict=True)
    return sum(max(styled(cell).cell_len for cell in column) + _GAP for column in columns) - _GAP


def _grid(table: Table, rows: tuple[tuple[Phrase, ...], ...]) -> Grid:
    grid = Grid(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for at, header in enumerate(table.headers):
        grid.add_column(styled(header), justify="left" if at < table.words else "right")
    for row in rows:
        grid.add_row(*map(styled, row))
    return grid


def _line(table: Table, row: tuple[Phrase, ...]) -> Phrase:
    """Give a row as a line: the words, then each number before its header."""
    words: list[Part | str] = []
    for cell in filter(_says, row[: table.words]):
        words += [", ", *cell] if words else [*cell]
    numbers = [
        f"{_plain(cell)} {_plain(header)}"
        for header, cell in zip(table.headers, row, strict=True)
        if header not in table.headers[: table.words] and _says(cell)
    ]
    return phrase(*words, f": {', '.join(numbers)}" if numbers else "")


def _says(cell: Phrase) -> bool:
    return bool(_plain(cell))


def _plain(cell: Phrase) -> str:
    return "".join(part.text for part in cell)

"""A review on a terminal, or as plain text."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from iot_dr.common.visible import visible
from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render import context_sections
from iot_dr.review.render.diff_lines import DiffLine, Extent, truncated_lines
from iot_dr.review.render.elements import (
    Item,
    Phrase,
    Section,
    StackPart,
    Table,
    TextKind,
    TextPart,
    phrase,
    strong,
)
from iot_dr.review.render.sections import SECTIONS, title_line, verdict_line
from iot_dr.review.render.stack_parts import (
    differences,
    is_whole,
    stack_parts,
    stack_table,
    unchanged,
)
from iot_dr.review.render.wording import change_phrase

_WIDTH: Final = 100
_EXTENT: Final = Extent(lines=40, width=400)
_ITEMS: Final = 100
_CHANGES: Final = 1_000
_LONG: Final = 20
_SIGNS: Final = {"+": "green", "-": "red", "@": "cyan"}
_GAP: Final = 2
_ROWS: Final = 200
_VERDICTS: Final = {"block": "bold red", "warn": "bold yellow", "ok": "bold green"}
_STYLES: Final = {TextKind.STRONG: "bold", TextKind.CODE: "cyan"}


def show(review: Review, console: Console) -> None:
    """Print a review with the console's colours and width.

    Created, destroyed and forgotten resources are listed without their attributes.
    """
    for row in _rows(review, console.width):
        console.print(row, markup=False, highlight=False, emoji=False)


def write(review: Review, file: TextIO, width: int | None = None) -> None:
    """Write a review as plain text, by default 100 columns wide."""
    width = width or _WIDTH
    for row in _rows(review, width):
        text = StringIO()
        console = Console(file=text, width=width, color_system=None, legacy_windows=False)
        console.print(row, markup=False, highlight=False, emoji=False)
        file.writelines(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _rows(review: Review, width: int) -> Iterator[RenderableType]:
    yield _styled(title_line(review), "bold")
    yield _styled(verdict_line(review))
    table = stack_table(review)
    if table.rows:
        yield ""
        yield from _table(table, width)
    for section in (make(review) for make in SECTIONS):
        yield from _section(section)
    parts = tuple(stack_parts(review))
    yield from _stacks(parts)
    same = unchanged(review)
    if same:
        yield ""
        yield _styled(same)
    yield from _section(context_sections.notes(review))
    if sum(len(part.changes) for part in parts) > _LONG:
        yield ""
        yield _styled(verdict_line(review))


def _section(section: Section) -> Iterator[RenderableType]:
    if not section.count:
        return
    yield ""
    yield Text(section.title, "bold")
    for _, item in zip(range(_ITEMS), section.items(), strict=False):
        yield from _item(item)
    if section.count > _ITEMS:
        yield _indented(Text(f"and {section.count - _ITEMS:,} more"), 2)


def _item(item: Item) -> Iterator[RenderableType]:
    lead = (TextPart(TextKind.VERDICT, item.verdict.value), " ") if item.verdict else ()
    yield _indented(_styled(phrase(*lead, *item.phrase)), 2)
    yield from (_indented(_styled(detail), 6) for detail in item.below)
    yield from (_indented(Text(visible(line), "dim"), 6) for line in item.verbatim)


def _stacks(parts: Sequence[StackPart]) -> Iterator[RenderableType]:
    room = _CHANGES
    for part in parts:
        yield ""
        yield _styled(phrase(strong(part.name), f": {part.summary}"))
        for change in part.changes[:room]:
            yield from _change(change)
        more = len(part.changes) - room
        if more > 0:
            yield _indented(Text(f"and {more:,} more: see the JSON review"), 2)
        room = max(0, -more)


def _change(change: ResourceChange | OutputChange) -> Iterator[RenderableType]:
    yield _indented(_styled(change_phrase(change)), 2)
    if not is_whole(change):
        lines, is_cut = truncated_lines(differences(change), _EXTENT)
        yield from (_indented(_diff(line), 6) for line in lines)
        if is_cut:
            yield _indented(Text("..."), 6)


def _diff(line: DiffLine) -> Text:
    return Text(visible(str(line)), _SIGNS.get(line.sign, ""))


def _table(table: Table, width: int) -> Iterator[RenderableType]:
    """Yield the table, or one line for each stack if the table is too wide."""
    rows = table.rows[:_ROWS]
    totals = (table.totals,) if table.totals else ()
    if _table_width(table, (*rows, *totals)) <= width:
        yield _grid(table, (*rows, *totals))
    else:
        yield from (_indented(_styled(_stack_line(table, row)), 2) for row in rows)
    if len(table.rows) > _ROWS:
        yield _indented(_styled(phrase(f"and {len(table.rows) - _ROWS:,} more stacks")), 2)


def _table_width(table: Table, rows: tuple[tuple[Phrase, ...], ...]) -> int:
    columns = zip(table.headers, *rows, strict=True)
    return sum(max(_styled(cell).cell_len for cell in column) + _GAP for column in columns) - _GAP


def _grid(table: Table, rows: tuple[tuple[Phrase, ...], ...]) -> Grid:
    grid = Grid(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
    for at, header in enumerate(table.headers):
        grid.add_column(_styled(header), justify="left" if at < table.text_columns else "right")
    for row in rows:
        grid.add_row(*map(_styled, row))
    return grid


def _stack_line(table: Table, row: tuple[Phrase, ...]) -> Phrase:
    """Return a row as a line: its text cells, then each number with its header."""
    texts: list[TextPart | str] = []
    for cell in filter(_plain, row[: table.text_columns]):
        texts += [", ", *cell] if texts else [*cell]
    numbers = [
        f"{_plain(cell)} {_plain(header)}"
        for header, cell in zip(table.headers, row, strict=True)
        if header not in table.headers[: table.text_columns] and _plain(cell)
    ]
    return phrase(*texts, f": {', '.join(numbers)}" if numbers else "")


def _plain(cell: Phrase) -> str:
    return "".join(part.text for part in cell)


def _styled(phrase: Phrase, style: str = "") -> Text:
    """Return a phrase as styled text; its content is not read as markup."""
    text = Text(style=style, overflow="fold")
    for part in phrase:
        text.append(visible(part.text), _style(part))
    return text


def _indented(text: Text, by: int) -> Padding:
    """Return a text with all its wrapped lines indented by a number of columns."""
    return Padding(text, (0, 0, 0, by), expand=False)


def _style(part: TextPart) -> str:
    if part.kind is TextKind.VERDICT:
        return _VERDICTS.get(part.text, "bold")
    return _STYLES.get(part.kind, "")

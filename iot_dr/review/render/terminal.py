"""A review on a terminal, and the same text for a file."""

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from iot_dr.common.visible import visible
from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render import background, headline
from iot_dr.review.render.contents import ABOVE
from iot_dr.review.render.diff_lines import Extent, Line, cut_lines
from iot_dr.review.render.outline import Item, Section, StackPart
from iot_dr.review.render.phrase import Kind, Part, phrase, strong
from iot_dr.review.render.stack_parts import differences, is_whole, stack_parts, told, unchanged
from iot_dr.review.render.stack_table import stack_table
from iot_dr.review.render.terminal_table import table_rows
from iot_dr.review.render.terminal_text import indented, styled

_EXTENT: Final = Extent(lines=40, width=400)
_ITEMS: Final = 100
_CHANGES: Final = 1_000
_LONG: Final = 20
_SIGNS: Final = {"+": "green", "-": "red", "@": "cyan"}


def show(review: Review, console: Console) -> None:
    """Print a review; the console decides about colours and width.

    What is created, destroyed or forgotten as a whole is named without its attributes.
    """
    for each in _rows(review, console.width):
        console.print(each, markup=False, highlight=False, emoji=False)


def render(review: Review, *, width: int = 100) -> str:
    """Give what a terminal of this width shows, without colours."""
    return "".join(_lines(review, width))


def write(review: Review, file: TextIO, *, width: int = 100) -> None:
    """Write the same line by line."""
    file.writelines(_lines(review, width))


def _lines(review: Review, width: int) -> Iterator[str]:
    for each in _rows(review, width):
        file = StringIO()
        console = Console(file=file, width=width, color_system=None, legacy_windows=False)
        console.print(each, markup=False, highlight=False, emoji=False)
        yield from (f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _rows(review: Review, width: int) -> Iterator[RenderableType]:
    yield styled(headline.title(review), "bold")
    yield styled(headline.verdict(review))
    table = stack_table(review)
    if table.rows:
        yield ""
        yield from table_rows(table, width)
    for section in (make(review) for make in ABOVE):
        yield from _section(section)
    parts = tuple(stack_parts(review))
    yield from _stacks(parts)
    same = unchanged(review)
    if same:
        yield ""
        yield styled(same)
    yield from _section(background.notes(review))
    if sum(len(part.changes) for part in parts) > _LONG:
        yield ""
        yield styled(headline.verdict(review))


def _section(section: Section) -> Iterator[RenderableType]:
    if not section.count:
        return
    yield ""
    yield Text(section.title, "bold")
    for _, item in zip(range(_ITEMS), section.items(), strict=False):
        yield from _item(item)
    if section.count > _ITEMS:
        yield indented(Text(f"and {section.count - _ITEMS:,} more"), 2)


def _item(item: Item) -> Iterator[RenderableType]:
    lead = (Part(Kind.VERDICT, item.verdict.value), " ") if item.verdict else ()
    yield indented(styled(phrase(*lead, *item.phrase)), 2)
    yield from (indented(styled(each), 6) for each in item.below)
    yield from (indented(Text(visible(each), "dim"), 6) for each in item.verbatim)


def _stacks(parts: Sequence[StackPart]) -> Iterator[RenderableType]:
    room = _CHANGES
    for part in parts:
        yield ""
        yield styled(phrase(strong(part.name), f": {part.summary}"))
        for change in part.changes[:room]:
            yield from _change(change)
        left = len(part.changes) - room
        if left > 0:
            yield indented(Text(f"and {left:,} more: the JSON form has all"), 2)
        room = max(0, -left)


def _change(change: ResourceChange | OutputChange) -> Iterator[RenderableType]:
    yield indented(styled(told(change)), 2)
    if not is_whole(change):
        lines, is_cut = cut_lines(differences(change), _EXTENT)
        yield from (indented(_diff(line), 6) for line in lines)
        if is_cut:
            yield indented(Text("..."), 6)


def _diff(line: Line) -> Text:
    return Text(visible(str(line)), _SIGNS.get(line.sign, ""))

"""A review as one static HTML page, without scripts or external resources."""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import BinaryIO, Final

from iot_dr.common.html import Element, Node, document, element, head, streamed, style
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
)
from iot_dr.review.render.sections import SECTIONS, title_line, verdict_line
from iot_dr.review.render.stack_parts import (
    differences,
    is_whole,
    rank,
    stack_parts,
    stack_table,
    unchanged,
)
from iot_dr.review.render.wording import change_phrase

_EXTENT: Final = Extent(lines=400, width=4_000)
_CHANGES: Final = 5_000
_LINES: Final = 20_000
"""The most lines of differences on a page, so that a browser stays responsive."""
_ITEMS: Final = 1_000
_SIGNS: Final = {"+": "add", "-": "del", "@": "hunk"}
_TAGS: Final = {TextKind.CODE: "code", TextKind.STRONG: "strong"}
_Changes = Sequence[ResourceChange | OutputChange]


def write(review: Review, file: BinaryIO) -> None:
    """Write the page in chunks, with at most 5,000 changes and 20,000 lines of differences.

    The most important changes get their differences first; changes left out are counted.
    """
    name = "".join(part.text for part in title_line(review))
    top = head(f"{review.verdict.value}: {name}", style())
    body = element("body", streamed("main", _main(review)))
    page = document(element("html", top, body, lang="en"))
    file.writelines(chunk.encode() for chunk in page)


def _main(review: Review) -> Iterator[Node]:
    yield element("h1", *_inline(title_line(review)))
    yield element("p", *_inline(verdict_line(review)), class_=f"verdict {review.verdict.value}")
    table = stack_table(review)
    if table.rows:
        yield _table(table)
    yield from (_section(section) for make in SECTIONS if (section := make(review)).count)
    yield from _stacks(tuple(stack_parts(review)))
    if same := unchanged(review):
        yield element("p", *_inline(same), class_="muted")
    notes = context_sections.notes(review)
    if notes.count:
        yield _section(notes)


def _stacks(parts: tuple[StackPart, ...]) -> Iterator[Node]:
    if parts:
        yield element("h2", "Changes by stack")
    listed = tuple(_listed_changes(parts))
    with_lines = _most_important(listed, _EXTENT, _LINES)
    for at, (part, changes) in enumerate(zip(parts, listed, strict=True)):
        rows = _changes(changes, {number for stack, number in with_lines if stack == at})
        summary = element("summary", element("code", part.name), f": {part.summary}")
        omitted = _omitted(len(part.changes) - len(changes), "more")
        yield streamed("details", chain((summary,), rows, omitted), class_="stack")


def _listed_changes(parts: tuple[StackPart, ...]) -> Iterator[_Changes]:
    room = _CHANGES
    for part in parts:
        yield part.changes[:room]
        room = max(0, room - len(part.changes))


def _most_important(
    stacks: Sequence[_Changes], extent: Extent, lines: int
) -> frozenset[tuple[int, int]]:
    """Return the stack and position of the most important changes with at most `lines` in total.

    The differences of other changes are not read, but for the first that does not fit.
    """
    places = ((at, number) for at, changes in enumerate(stacks) for number in range(len(changes)))
    chosen: list[tuple[int, int]] = []
    for at, number in sorted(places, key=lambda place: rank(stacks[place[0]][place[1]])):
        shown, _ = truncated_lines(differences(stacks[at][number]), extent)
        lines -= len(shown)
        if lines < 0:
            break
        chosen.append((at, number))
    return frozenset(chosen)


def _changes(changes: _Changes, with_lines: Collection[int]) -> Iterator[Node]:
    for at, change in enumerate(changes):
        if at in with_lines:
            yield _change(change)
        else:
            yield element("p", *_inline(change_phrase(change)), class_="change")
    yield from _omitted(len(changes) - len(with_lines), "without attributes here")


def _omitted(number: int, how: str) -> Iterator[Node]:
    if number:
        yield element("p", f"and {number:,} {how}: see the JSON review")


def _change(change: ResourceChange | OutputChange) -> Element:
    lines, is_cut = truncated_lines(differences(change), _EXTENT)
    lead = _inline(change_phrase(change))
    if not lines:
        return element("p", *lead, class_="change")
    more = [element("p", "...")] if is_cut else []
    is_open = {} if is_whole(change) else {"open": ""}
    return element(
        "details",
        element("summary", *lead),
        _diff(lines),
        *more,
        class_="change",
        **is_open,
    )


def _inline(phrase: Phrase) -> tuple[Node, ...]:
    """Return a phrase as text and HTML elements."""
    return tuple(_part(part) for part in phrase)


def _table(content: Table) -> Element:
    """Return a table; on a narrow screen, CSS shows each number's header behind it."""
    head = element("tr", *(element("th", *_inline(each), scope="col") for each in content.headers))
    rows = element("tbody", *(_row(content, row) for row in content.rows))
    foot = (element("tfoot", _row(content, content.totals)),) if content.totals else ()
    whole = element("table", element("thead", head), rows, *foot)
    return element("div", whole, class_="scroll", role="region", aria_label="Stacks", tabindex="0")


def _section(content: Section) -> Element:
    """Return a section with at most 1,000 items."""
    items = [_item(item) for _, item in zip(range(_ITEMS), content.items(), strict=False)]
    if content.count > _ITEMS:
        items.append(element("li", f"and {content.count - _ITEMS:,} more"))
    item_list = element("ul", *items)
    if content.is_folded:
        summary = element("summary", f"{content.title}: {content.count:,}")
        return element("details", summary, item_list)
    return element("section", element("h2", content.title), item_list)


def _item(content: Item) -> Element:
    """Return a list item with its details and its quoted text."""
    verdict = TextPart(TextKind.VERDICT, content.verdict.value) if content.verdict else None
    lead = (_part(verdict), " ") if verdict else ()
    below = [element("li", *_inline(detail)) for detail in content.below]
    verbatim = [element("div", line) for line in content.verbatim]
    return element(
        "li",
        *lead,
        *_inline(content.phrase),
        *((element("ul", *below),) if below else ()),
        *((element("div", *verbatim, class_="verbatim"),) if verbatim else ()),
    )


def _diff(lines: list[DiffLine]) -> Element:
    """Return the lines of a diff, coloured by their sign."""
    shown = (element("div", str(line), class_=_SIGNS.get(line.sign, "same")) for line in lines)
    return element("div", *shown, class_="diff")


def _part(part: TextPart) -> Node:
    if part.kind is TextKind.VERDICT:
        return element("span", part.text, class_=f"mark {part.text}")
    if part.kind is TextKind.ARROW:
        return element("span", part.text, class_="to")
    return element(_TAGS[part.kind], part.text) if part.kind in _TAGS else part.text


def _row(content: Table, row: tuple[Phrase, ...]) -> Element:
    units = ["".join(part.text for part in header) for header in content.headers]
    return element(
        "tr",
        *(
            element("td", *_inline(cell))
            if at < content.text_columns
            else element("td", *_inline(cell), class_="number", data_unit=units[at])
            for at, cell in enumerate(row)
        ),
    )

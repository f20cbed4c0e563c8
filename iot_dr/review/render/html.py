"""A review as one static page: nothing is loaded, nothing runs."""

from collections.abc import Collection, Iterator
from itertools import chain
from typing import BinaryIO, Final

from iot_dr.common.html import Element, Node, document, element, head, streamed, style
from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render import background, headline, html_parts
from iot_dr.review.render.contents import ABOVE
from iot_dr.review.render.diff_lines import Extent, cut_lines
from iot_dr.review.render.line_room import Changes, most_important
from iot_dr.review.render.outline import StackPart
from iot_dr.review.render.stack_parts import differences, is_whole, stack_parts, told, unchanged
from iot_dr.review.render.stack_table import stack_table

_EXTENT: Final = Extent(lines=400, width=4_000)
_CHANGES: Final = 5_000
_LINES: Final = 20_000
"""Lines of differences on a page, which a browser still shows at once."""


def render(review: Review) -> str:
    """Give the page; of more than 5,000 changes it names the rest by their number.

    Of differences it has 20,000 lines, those of the most important changes.
    """
    return "".join(_chunks(review))


def write(review: Review, file: BinaryIO) -> None:
    """Write the page piece by piece."""
    file.writelines(chunk.encode() for chunk in _chunks(review))


def _chunks(review: Review) -> Iterator[str]:
    body = element("body", streamed("main", _main(review)))
    return document(element("html", _head(review), body, lang="en"))


def _head(review: Review) -> Element:
    name = "".join(part.text for part in headline.title(review))
    return head(f"{review.verdict.value}: {name}", style())


def _main(review: Review) -> Iterator[Node]:
    verdict = html_parts.inline(headline.verdict(review))
    yield element("h1", *html_parts.inline(headline.title(review)))
    yield element("p", *verdict, class_=f"verdict {review.verdict.value}")
    table = stack_table(review)
    if table.rows:
        yield html_parts.table(table)
    yield from (html_parts.section(made) for make in ABOVE if (made := make(review)).count)
    yield from _stacks(tuple(stack_parts(review)))
    if same := unchanged(review):
        yield element("p", *html_parts.inline(same), class_="muted")
    notes = background.notes(review)
    if notes.count:
        yield html_parts.section(notes)


def _stacks(parts: tuple[StackPart, ...]) -> Iterator[Node]:
    if parts:
        yield element("h2", "Changes by stack")
    named = tuple(_named(parts))
    with_lines = most_important(named, _EXTENT, _LINES)
    for at, (part, changes) in enumerate(zip(parts, named, strict=True)):
        rows = _changes(changes, {number for stack, number in with_lines if stack == at})
        summary = element("summary", element("code", part.name), f": {part.summary}")
        left = _left(len(part.changes) - len(changes), "more")
        yield streamed("details", chain((summary,), rows, left), class_="stack")


def _named(parts: tuple[StackPart, ...]) -> Iterator[Changes]:
    room = _CHANGES
    for part in parts:
        yield part.changes[:room]
        room = max(0, room - len(part.changes))


def _changes(changes: Changes, with_lines: Collection[int]) -> Iterator[Node]:
    for at, change in enumerate(changes):
        if at in with_lines:
            yield _change(change)
        else:
            yield element("p", *html_parts.inline(told(change)), class_="change")
    yield from _left(len(changes) - len(with_lines), "without attributes here")


def _left(number: int, how: str) -> Iterator[Node]:
    if number:
        yield element("p", f"and {number:,} {how}: the JSON form has all")


def _change(change: ResourceChange | OutputChange) -> Element:
    lines, is_cut = cut_lines(differences(change), _EXTENT)
    lead = html_parts.inline(told(change))
    if not lines:
        return element("p", *lead, class_="change")
    more = [element("p", "...")] if is_cut else []
    is_open = {} if is_whole(change) else {"open": ""}
    return element(
        "details",
        element("summary", *lead),
        html_parts.diff(lines),
        *more,
        class_="change",
        **is_open,
    )

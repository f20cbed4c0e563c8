"""A review as one static page: nothing is loaded, nothing runs."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from iot_dr.review.render import background, headline, html_parts
from iot_dr.review.render.contents import ABOVE
from iot_dr.review.render.diff_lines import Extent, cut_lines
from iot_dr.review.render.element import Element, Node, document, element
from iot_dr.review.render.outline import StackPart
from iot_dr.review.render.stack_parts import differences, is_whole, stack_parts, told, unchanged
from iot_dr.review.render.stack_table import stack_table
from iot_dr.review.resource_change import OutputChange, ResourceChange
from iot_dr.review.review import Review

_EXTENT: Final = Extent(lines=400, width=4_000)
_CHANGES: Final = 5_000


def render(review: Review) -> str:
    """Give the page; of more than 5,000 changes it names the rest by their number."""
    return document(element("html", _head(review), element("body", _main(review)), lang="en"))


def _head(review: Review) -> Element:
    style = " ".join(Path(__file__).with_name("page.css").read_text(encoding="utf-8").split())
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    name = "".join(part.text for part in headline.title(review))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{review.verdict.value}: {name}"),
        element("style", style),
    )


def _main(review: Review) -> Element:
    verdict = html_parts.inline(headline.verdict(review))
    table = stack_table(review)
    same = unchanged(review)
    sections = [made for make in ABOVE if (made := make(review)).count]
    notes = background.notes(review)
    return element(
        "main",
        element("h1", *html_parts.inline(headline.title(review))),
        element("p", *verdict, class_=f"verdict {review.verdict.value}"),
        *((html_parts.table(table),) if table.rows else ()),
        *map(html_parts.section, sections),
        *_stacks(tuple(stack_parts(review))),
        *((element("p", *html_parts.inline(same), class_="muted"),) if same else ()),
        *((html_parts.section(notes),) if notes.count else ()),
    )


def _stacks(parts: tuple[StackPart, ...]) -> list[Node]:
    made: list[Node] = [element("h2", "Changes by stack")] if parts else []
    room = _CHANGES
    for part in parts:
        made.append(_stack(part, room))
        room = max(0, room - len(part.changes))
    return made


def _stack(part: StackPart, room: int) -> Element:
    changes = [_change(each) for each in part.changes[:room]]
    left = len(part.changes) - len(changes)
    more = [element("p", f"and {left:,} more: the JSON form has all")] if left else []
    summary = element("summary", element("code", part.name), f": {part.summary}")
    return element("details", summary, *changes, *more, class_="stack")


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

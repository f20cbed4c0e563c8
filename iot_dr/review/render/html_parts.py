"""Parts of a review as elements of HTML."""

from typing import Final

from iot_dr.common.html import Element, Node, element
from iot_dr.review.render.diff_lines import Line
from iot_dr.review.render.outline import Item, Section, Table
from iot_dr.review.render.phrase import Kind, Part, Phrase

_ITEMS: Final = 1_000
_SIGNS: Final = {"+": "add", "-": "del", "@": "hunk"}
_TAGS: Final = {Kind.CODE: "code", Kind.STRONG: "strong"}


def inline(phrase: Phrase) -> tuple[Node, ...]:
    """Give a phrase."""
    return tuple(_inline(part) for part in phrase)


def table(content: Table) -> Element:
    """Give the table; where it is too narrow for columns, each number has its header behind it."""
    head = element("tr", *(element("th", *inline(each), scope="col") for each in content.headers))
    rows = element("tbody", *(_row(content, row) for row in content.rows))
    foot = (element("tfoot", _row(content, content.totals)),) if content.totals else ()
    whole = element("table", element("thead", head), rows, *foot)
    return element("div", whole, class_="scroll", role="region", aria_label="Stacks", tabindex="0")


def section(content: Section) -> Element:
    """Give a section with its items."""
    items = [item(each) for _, each in zip(range(_ITEMS), content.items(), strict=False)]
    if content.count > _ITEMS:
        items.append(element("li", f"and {content.count - _ITEMS:,} more"))
    listed = element("ul", *items)
    if content.is_folded:
        summary = element("summary", f"{content.title}: {content.count:,}")
        return element("details", summary, listed)
    return element("section", element("h2", content.title), listed)


def item(content: Item) -> Element:
    """Give an item of a list, with what is below it."""
    verdict = Part(Kind.VERDICT, content.verdict.value) if content.verdict else None
    lead = (_inline(verdict), " ") if verdict else ()
    below = [element("li", *inline(each)) for each in content.below]
    verbatim = [element("div", each) for each in content.verbatim]
    return element(
        "li",
        *lead,
        *inline(content.phrase),
        *((element("ul", *below),) if below else ()),
        *((element("div", *verbatim, class_="verbatim"),) if verbatim else ()),
    )


def diff(lines: list[Line]) -> Element:
    """Give the lines of a difference, each with its sign and its colour."""
    shown = (element("div", str(line), class_=_SIGNS.get(line.sign, "same")) for line in lines)
    return element("div", *shown, class_="diff")


def _inline(part: Part) -> Node:
    if part.kind is Kind.VERDICT:
        return element("span", part.text, class_=f"mark {part.text}")
    if part.kind is Kind.ARROW:
        return element("span", part.text, class_="to")
    return element(_TAGS[part.kind], part.text) if part.kind in _TAGS else part.text


def _row(content: Table, row: tuple[Phrase, ...]) -> Element:
    units = ["".join(part.text for part in header) for header in content.headers]
    return element(
        "tr",
        *(
            element("td", *inline(cell))
            if at < content.words
            else element("td", *inline(cell), class_="number", data_unit=units[at])
            for at, cell in enumerate(row)
        ),
    )

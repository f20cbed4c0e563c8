"""A table that scrolls in a box of its own; on a phone each number has its header behind it."""

from collections.abc import Iterable, Sequence

from iot_dr.common.html import Element, Node, element

Cell = Node | tuple[Node, ...]


def table(
    label: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]], words: int = 1
) -> Element:
    """Make a table whose first columns, so many as `words`, hold words and the others numbers."""
    head = element(
        "tr",
        *(
            element("th", header, scope="col", class_="word" if at < words else "number")
            for at, header in enumerate(headers)
        ),
    )
    body = element("tbody", *(_row(headers, row, words) for row in rows))
    whole = element("table", element("thead", head), body)
    return element("div", whole, class_="scroll", role="region", aria_label=label, tabindex="0")


def _row(headers: Sequence[str], row: Sequence[Cell], words: int) -> Element:
    cells: list[Element] = []
    for at, (header, cell) in enumerate(zip(headers, row, strict=True)):
        inside = cell if isinstance(cell, tuple) else (cell,)
        # An empty string would be a child, and the cell not `:empty`.
        inside = tuple(each for each in inside if each != "")
        if at == 0:
            cells.append(element("th", *inside, scope="row"))
        elif at < words:
            cells.append(element("td", *inside))
        else:
            cells.append(element("td", *inside, class_="number", data_unit=header))
    return element("tr", *cells)

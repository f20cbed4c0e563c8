"""A part of a Markdown page that is filled while there is room."""

from iot_dr.review.render.budget import Budget
from iot_dr.review.render.markdown_text import cell, fence, line
from iot_dr.review.render.outline import Item
from iot_dr.review.render.phrase import Kind, Part, Phrase, phrase


class Block:
    """Texts between an opening and a closing, which cost room as soon as there is a text."""

    def __init__(self, opening: str, closing: str = "\n") -> None:
        self._frame = (opening, closing)
        self._texts: list[str] = []

    def add(self, text: str, budget: Budget) -> bool:
        """Add a text; False when there is no room for it."""
        frame = () if self._texts else self._frame
        if not budget.takes(text, *frame):
            return False
        self._texts.append(text)
        return True

    def text(self) -> str:
        """Give the part; nothing when nothing was added."""
        opening, closing = self._frame
        return "".join((opening, *self._texts, closing)) if self._texts else ""


def row(cells: tuple[Phrase, ...]) -> str:
    """Give a row of a table."""
    return f"| {' | '.join(map(cell, cells))} |\n"


def bullet(item: Item) -> str:
    """Give an item of a list, with what is below it."""
    lead = (Part(Kind.VERDICT, item.verdict.value), " ") if item.verdict else ()
    first, *rest = (line(phrase(*lead, *item.phrase)), *map(line, item.below))
    below = "".join(f"  - {each}\n" for each in rest)
    verbatim = fence(item.verbatim, "text", "  ") if item.verbatim else ""
    return f"- {first}\n{below}{verbatim}"

"""A part of a Markdown page that is filled while there is room."""

from iot_dr.review.render.markdown_text import cell, fence, line
from iot_dr.review.render.outline import Item, Kind, Part, Phrase, phrase


class Budget:
    """Counts UTF-8 bytes, which are never fewer than characters, however those are counted."""

    def __init__(self, size: int) -> None:
        self.left = size

    def takes(self, *texts: str) -> bool:
        """Take texts in, all or none; False when there is no room for them."""
        size = sum(map(measured, texts))
        if size > self.left:
            return False
        self.left -= size
        return True

    def share(self, size: int) -> "Budget":
        """Set some of the room apart; what is not used of it comes back by `restore`."""
        share = Budget(min(size, self.left))
        self.left -= share.left
        return share

    def restore(self, share: "Budget") -> None:
        """Take back what a share has left."""
        self.left += share.left
        share.left = 0


def measured(text: str) -> int:
    """Return the size of a text in bytes."""
    return len(text) if text.isascii() else len(text.encode())


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
        """Return the part; nothing when nothing was added."""
        opening, closing = self._frame
        return "".join((opening, *self._texts, closing)) if self._texts else ""


def row(cells: tuple[Phrase, ...]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(map(cell, cells))} |\n"


def bullet(item: Item) -> str:
    """Return an item of a list, with what is below it."""
    lead = (Part(Kind.VERDICT, item.verdict.value), " ") if item.verdict else ()
    first, *rest = (line(phrase(*lead, *item.phrase)), *map(line, item.below))
    below = "".join(f"  - {each}\n" for each in rest)
    verbatim = fence(item.verbatim, "text", "  ") if item.verbatim else ""
    return f"- {first}\n{below}{verbatim}"

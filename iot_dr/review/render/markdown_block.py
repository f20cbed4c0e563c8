"""The size budget of a Markdown page, and blocks that stay within it."""

from iot_dr.review.render.elements import Item, Phrase, TextKind, TextPart, phrase
from iot_dr.review.render.markdown_text import cell, fence, line


class Budget:
    """A number of UTF-8 bytes left; a text never has fewer bytes than characters."""

    def __init__(self, size: int) -> None:
        self.left = size

    def reserve(self, *texts: str) -> bool:
        """Subtract the size of all texts; False, and nothing subtracted, if they do not fit."""
        size = sum(map(byte_size, texts))
        if size > self.left:
            return False
        self.left -= size
        return True

    def share(self, size: int) -> "Budget":
        """Return a budget of at most `size` bytes, taken from this one."""
        share = Budget(min(size, self.left))
        self.left -= share.left
        return share

    def restore(self, share: "Budget") -> None:
        """Add the unused bytes of a share again."""
        self.left += share.left
        share.left = 0


def byte_size(text: str) -> int:
    """Return the size of a text in bytes."""
    return len(text) if text.isascii() else len(text.encode())


class MarkdownBlock:
    """Texts between an opening and a closing, which count only once there is a text."""

    def __init__(self, opening: str, closing: str = "\n") -> None:
        self._frame = (opening, closing)
        self._texts: list[str] = []

    def add(self, text: str, budget: Budget) -> bool:
        """Add a text; False if it does not fit into the budget."""
        frame = () if self._texts else self._frame
        if not budget.reserve(text, *frame):
            return False
        self._texts.append(text)
        return True

    def text(self) -> str:
        """Return the block; empty if no text was added."""
        opening, closing = self._frame
        return "".join((opening, *self._texts, closing)) if self._texts else ""


def row(cells: tuple[Phrase, ...]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(map(cell, cells))} |\n"


def bullet(item: Item) -> str:
    """Return a list item with its details and its quoted text."""
    lead = (TextPart(TextKind.VERDICT, item.verdict.value), " ") if item.verdict else ()
    first, *rest = (line(phrase(*lead, *item.phrase)), *map(line, item.below))
    below = "".join(f"  - {detail}\n" for detail in rest)
    verbatim = fence(item.verbatim, "text", "  ") if item.verbatim else ""
    return f"- {first}\n{below}{verbatim}"

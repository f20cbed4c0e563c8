"""A section of a review in Markdown."""

from iot_dr.review.render.budget import Budget
from iot_dr.review.render.markdown_block import Block, bullet
from iot_dr.review.render.outline import Item, Section
from iot_dr.rules.rule import Verdict


class SectionBlock:
    """A section that is filled while there is room, its worst items before all others."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._items = section.items()
        self._next: Item | None = next(self._items, None)
        self._added = 0
        self._is_full = False
        self._block = Block(*_frame(section))

    @property
    def rank(self) -> int:
        """The higher, the sooner it is filled."""
        return self._section.rank

    @property
    def cut(self) -> str:
        """What was left out, counted; empty when nothing was."""
        left = self._section.count - self._added
        return f"{left:,} {self._section.noun[left > 1]}" if left else ""

    def fill(self, budget: Budget, only: Verdict | None = None) -> None:
        """Add items in their order, with `only` none behind the last of that verdict."""
        while self._next and not self._is_full and only in {None, self._next.verdict}:
            if self._block.add(bullet(self._next), budget):
                self._added += 1
                self._next = next(self._items, None)
            else:
                self._is_full = True

    def text(self) -> str:
        """Give the section; nothing when it has no item."""
        return self._block.text()


def _frame(section: Section) -> tuple[str, str]:
    if not section.is_folded:
        return f"#### {section.title}\n\n", "\n"
    opening = f"<details>\n<summary>{section.title}: {section.count:,}</summary>\n\n"
    return opening, "\n</details>\n\n"

"""The changes of each stack in Markdown, folded."""

from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render.budget import Budget
from iot_dr.review.render.diff_lines import Extent, cut_lines
from iot_dr.review.render.markdown_text import fence, html_code, line
from iot_dr.review.render.outline import StackPart
from iot_dr.review.render.stack_parts import differences, rank, stack_parts, told

_EXTENT: Final = Extent(lines=60, width=300)
_NAME: Final = 200
_CLOSING: Final = "</details>\n\n"


class _Change:
    """A change that has its line, and its differences if there was room for them."""

    def __init__(self, change: ResourceChange | OutputChange) -> None:
        self.change = change
        self.told = f"{line(told(change))}\n\n"
        self.diff: str | None = None
        self.is_short = False

    @property
    def text(self) -> str:
        """The line, and below it the differences."""
        return self.told + (self.diff or "")


class StackBlocks:
    """First a line for each change, the most important first, then their differences.

    Lines take no more than half of the room while there are differences to show. What there is no
    room for is never read out of the plan.
    """

    def __init__(self, review: Review) -> None:
        self._parts = tuple(stack_parts(review))
        self._changes: tuple[list[_Change], ...] = tuple([] for _ in self._parts)
        self._total = sum(len(part.changes) for part in self._parts)

    @property
    def cut(self) -> tuple[str, ...]:
        """What was left out, counted."""
        there = [each for changes in self._changes for each in changes]
        return (
            _counted(self._total - len(there), "", "change"),
            _counted(sum(each.diff is None for each in there), "the attributes of ", "change"),
            _counted(sum(each.is_short for each in there), "the end of ", "long difference"),
        )

    def fill(self, budget: Budget) -> None:
        """Add what there is room for."""
        ranked = sorted(
            ((at, change) for at, part in enumerate(self._parts) for change in part.changes),
            key=lambda each: rank(each[1]),
        )
        share = budget.share(budget.left // 2)
        added = self._add_lines(ranked, share)
        budget.restore(share)
        _add_diffs([change for _, change in added], budget)
        self._add_lines(ranked[len(added) :], budget)

    def text(self) -> str:
        """Give the stacks; of those without a change that has its line there is nothing."""
        return "".join(
            f"{_opening(part)}{''.join(each.text for each in changes)}{_CLOSING}"
            for part, changes in zip(self._parts, self._changes, strict=True)
            if changes
        )

    def _add_lines(
        self, ranked: list[tuple[int, ResourceChange | OutputChange]], budget: Budget
    ) -> list[tuple[int, _Change]]:
        added: list[tuple[int, _Change]] = []
        for at, each in ranked:
            changes = self._changes[at]
            frame = () if changes else (_opening(self._parts[at]), _CLOSING)
            change = _Change(each)
            if not budget.takes(change.told, *frame):
                break
            changes.append(change)
            added.append((at, change))
        return added


def _add_diffs(changes: list[_Change], budget: Budget) -> None:
    for change in changes:
        lines, is_short = cut_lines(differences(change.change), _EXTENT)
        shown = [str(each) for each in lines] + ["  ..."] * is_short
        diff = f"{fence(shown, 'diff')}\n" if shown else ""
        if not budget.takes(diff):
            return
        change.diff, change.is_short = diff, is_short


def _opening(part: StackPart) -> str:
    name = html_code(clipped(part.name, _NAME))
    return f"<details>\n<summary>{name}: {part.summary}</summary>\n\n"


def _counted(number: int, lead: str, noun: str) -> str:
    return f"{lead}{number:,} {noun}{'s' * (number > 1)}" if number else ""

"""A review as a GitHub comment, within GitHub's size limit.

GitHub's error says `maximum is 65536 characters`. Others measured 262,144 bytes of UTF-8 for a
comment, and 65,536 characters for a pull request's description
(github.com/dead-claudia/github-limits/pull/13). This module counts bytes: a text never has fewer
bytes than characters, so it is within either limit.
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render import context_sections
from iot_dr.review.render.diff_lines import Extent, truncated_lines
from iot_dr.review.render.elements import Item, Section, StackPart, Table
from iot_dr.review.render.json_document import fingerprint
from iot_dr.review.render.markdown_block import Budget, MarkdownBlock, bullet, byte_size, row
from iot_dr.review.render.markdown_text import fence, html_code, line
from iot_dr.review.render.sections import SECTIONS, title_line, verdict_line
from iot_dr.review.render.stack_parts import differences, rank, stack_parts, stack_table, unchanged
from iot_dr.review.render.wording import change_phrase
from iot_dr.rules.rule import Verdict

LIMIT: Final = 65_536
_CUT_LINE: Final = 900
"""Bytes reserved for the line that lists what was left out."""
_EXTENT: Final = Extent(lines=80, width=300)
_NAME: Final = 200
_CLOSING: Final = "</details>\n\n"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, and the parts of the review that it leaves out, e.g. `12 changes`."""

    text: str
    cut: tuple[str, ...]


def render(review: Review, *, limit: int = LIMIT, full: str | None = None) -> Rendered:
    """Return a page of at most `limit` bytes; `full` is the review's fingerprint if known.

    Leaves out the least important parts first, without reading their attributes from the plan.
    Raises ValueError if even the verdict does not fit, which may happen below 16,384 bytes.
    """
    head = f"### {line(title_line(review))}\n\n{line(verdict_line(review))}\n\n"
    budget = Budget(limit - byte_size(head) - _CUT_LINE)
    if budget.left < 0:
        message = f"a review does not fit into {limit} bytes"
        raise ValueError(message)
    body, cut = _body(review, budget)
    notice = f"{_cut_line(cut, full or fingerprint(review))}\n\n" if cut else ""
    return Rendered(f"{head}{notice}{body}".rstrip("\n") + "\n", cut)


def _body(review: Review, budget: Budget) -> tuple[str, tuple[str, ...]]:
    """Return the body, filled in order of rank, and the parts that are left out."""
    share = budget.share(budget.left // 3)
    table, rows_cut = _table(stack_table(review), share)
    budget.restore(share)
    parts = [_Section(make(review)) for make in (*SECTIONS, context_sections.notes)]
    ranked = sorted(parts, key=lambda part: -part.rank)
    for part in ranked:
        part.fill(budget, only=Verdict.BLOCK)
    for part in ranked:
        part.fill(budget)
    same = MarkdownBlock("", "\n")
    is_named = same.add(f"{line(unchanged(review))}\n", budget)
    stacks = _Stacks(review)
    stacks.fill(budget)
    *above, notes = (part.text() for part in parts)
    cut = (*(part.cut for part in ranked), "" if is_named else "the unchanged stacks", *stacks.cut)
    text = "".join((table, *above, stacks.text(), same.text(), notes))
    return text, tuple(each for each in (rows_cut, *cut) if each)


def _table(table: Table, budget: Budget) -> tuple[str, str]:
    rule = (
        f"|{' --- |' * table.text_columns}{' ---: |' * (len(table.headers) - table.text_columns)}\n"
    )
    totals = row(table.totals) if table.totals else ""
    block = MarkdownBlock(f"{row(table.headers)}{rule}", f"{totals}\n")
    added = sum(1 for _ in takewhile(lambda cells: block.add(row(cells), budget), table.rows))
    omitted = len(table.rows) - added
    return block.text(), f"{omitted:,} row{'s' * (omitted > 1)} of the table" if omitted else ""


def _cut_line(cut: tuple[str, ...], full: str) -> str:
    return (
        f"Shortened for GitHub; left out: {', '.join(cut)}."
        f" The full review has the SHA-256 `{full}`."
    )


class _Section:
    """A section that is filled within the budget, worst items first."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._items = section.items()
        self._next: Item | None = next(self._items, None)
        self._added = 0
        self._is_full = False
        self._block = MarkdownBlock(*_frame(section))

    @property
    def rank(self) -> int:
        """The order of filling; the highest is filled first."""
        return self._section.rank

    @property
    def cut(self) -> str:
        """The number of items left out, with their noun; empty if none was."""
        omitted = self._section.count - self._added
        return f"{omitted:,} {self._section.noun[omitted > 1]}" if omitted else ""

    def fill(self, budget: Budget, only: Verdict | None = None) -> None:
        """Add items in order; with `only`, stop at the first item of another verdict."""
        while self._next and not self._is_full and only in {None, self._next.verdict}:
            if self._block.add(bullet(self._next), budget):
                self._added += 1
                self._next = next(self._items, None)
            else:
                self._is_full = True

    def text(self) -> str:
        """Return the section; empty if no item was added."""
        return self._block.text()


def _frame(section: Section) -> tuple[str, str]:
    if not section.is_folded:
        return f"#### {section.title}\n\n", "\n"
    opening = f"<details>\n<summary>{section.title}: {section.count:,}</summary>\n\n"
    return opening, "\n</details>\n\n"


class _Change:
    """A change with its line, and its differences if they fit."""

    def __init__(self, change: ResourceChange | OutputChange) -> None:
        self.change = change
        self.line = f"{line(change_phrase(change))}\n\n"
        self.diff: str | None = None
        self.is_short = False

    @property
    def text(self) -> str:
        """The line followed by the differences."""
        return self.line + (self.diff or "")


class _Stacks:
    """The changes of each stack: lines are added first, then differences, by importance.

    Lines use at most half of the budget before any difference is added. Differences that do not
    fit are not read from the plan.
    """

    def __init__(self, review: Review) -> None:
        self._parts = tuple(stack_parts(review))
        self._changes: tuple[list[_Change], ...] = tuple([] for _ in self._parts)
        self._total = sum(len(part.changes) for part in self._parts)

    @property
    def cut(self) -> tuple[str, ...]:
        """The number of changes, attributes and lines left out."""
        shown = [change for changes in self._changes for change in changes]
        return (
            _counted(self._total - len(shown), "", "change"),
            _counted(sum(each.diff is None for each in shown), "the attributes of ", "change"),
            _counted(sum(each.is_short for each in shown), "the end of ", "long difference"),
        )

    def fill(self, budget: Budget) -> None:
        """Add lines and differences within the budget."""
        ranked = sorted(
            ((at, change) for at, part in enumerate(self._parts) for change in part.changes),
            key=lambda place_and_change: rank(place_and_change[1]),
        )
        share = budget.share(budget.left // 2)
        added = self._add_lines(ranked, share)
        budget.restore(share)
        _add_diffs([change for _, change in added], budget)
        self._add_lines(ranked[len(added) :], budget)

    def text(self) -> str:
        """Return the stacks that have at least one line."""
        return "".join(
            f"{_opening(part)}{''.join(change.text for change in changes)}{_CLOSING}"
            for part, changes in zip(self._parts, self._changes, strict=True)
            if changes
        )

    def _add_lines(
        self, ranked: list[tuple[int, ResourceChange | OutputChange]], budget: Budget
    ) -> list[tuple[int, _Change]]:
        added: list[tuple[int, _Change]] = []
        for at, ranked_change in ranked:
            changes = self._changes[at]
            frame = () if changes else (_opening(self._parts[at]), _CLOSING)
            change = _Change(ranked_change)
            if not budget.reserve(change.line, *frame):
                break
            changes.append(change)
            added.append((at, change))
        return added


def _add_diffs(changes: list[_Change], budget: Budget) -> None:
    for change in changes:
        lines, is_short = truncated_lines(differences(change.change), _EXTENT)
        shown = [*map(str, lines)] + ["  ..."] * is_short
        diff = f"{fence(shown, 'diff')}\n" if shown else ""
        if not budget.reserve(diff):
            return
        change.diff, change.is_short = diff, is_short


def _opening(part: StackPart) -> str:
    name = html_code(clipped(part.name, _NAME))
    return f"<details>\n<summary>{name}: {part.summary}</summary>\n\n"


def _counted(number: int, lead: str, noun: str) -> str:
    return f"{lead}{number:,} {noun}{'s' * (number > 1)}" if number else ""

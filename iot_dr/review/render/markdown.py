"""A review as a comment on GitHub, within its limit.

GitHub's message says `maximum is 65536 characters`. Measured by others, a comment may have 262,144
bytes of UTF-8, and a pull request's description 65,536 characters
(github.com/dead-claudia/github-limits/pull/13). Here bytes are counted: there are never fewer of
them than characters, so the page is within the limit whichever is meant.
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from iot_dr.review.impact.review import Review
from iot_dr.review.render import background, headline
from iot_dr.review.render.budget import Budget, measured
from iot_dr.review.render.contents import ABOVE
from iot_dr.review.render.json_document import fingerprint
from iot_dr.review.render.markdown_block import Block, row
from iot_dr.review.render.markdown_section import SectionBlock
from iot_dr.review.render.markdown_stacks import StackBlocks
from iot_dr.review.render.markdown_text import line
from iot_dr.review.render.outline import Table
from iot_dr.review.render.stack_parts import unchanged
from iot_dr.review.render.stack_table import stack_table
from iot_dr.rules.rule import Verdict

LIMIT: Final = 65_536
_CUT_LINE: Final = 900
"""Bytes kept free for the line that tells what was cut."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, and what of the review is not on it, e.g. `12 changes`."""

    text: str
    cut: tuple[str, ...]


def render(review: Review, *, limit: int = LIMIT, full: str | None = None) -> Rendered:
    """Give a page of at most `limit` bytes; `full` is the review's fingerprint, if known already.

    What there is no room for is left out, the least important first, and never read. Raises
    ValueError when even the verdict does not fit: below 16,384 bytes nothing is promised.
    """
    head = f"### {line(headline.title(review))}\n\n{line(headline.verdict(review))}\n\n"
    budget = Budget(limit - measured(head) - _CUT_LINE)
    if budget.left < 0:
        message = f"a review does not fit into {limit} bytes"
        raise ValueError(message)
    body, cut = _body(review, budget)
    told = f"{_cut_line(cut, full or fingerprint(review))}\n\n" if cut else ""
    return Rendered(f"{head}{told}{body}".rstrip("\n") + "\n", cut)


def _body(review: Review, budget: Budget) -> tuple[str, tuple[str, ...]]:
    """Fill the parts by rank, and give them in the order in which they are read."""
    share = budget.share(budget.left // 3)
    table, rows_cut = _table(stack_table(review), share)
    budget.restore(share)
    parts = [SectionBlock(make(review)) for make in (*ABOVE, background.notes)]
    ranked = sorted(parts, key=lambda part: -part.rank)
    for part in ranked:
        part.fill(budget, only=Verdict.BLOCK)
    for part in ranked:
        part.fill(budget)
    same = Block("", "\n")
    is_named = same.add(f"{line(unchanged(review))}\n", budget)
    stacks = StackBlocks(review)
    stacks.fill(budget)
    *above, notes = (part.text() for part in parts)
    cut = (*(part.cut for part in ranked), "" if is_named else "the unchanged stacks", *stacks.cut)
    text = "".join((table, *above, stacks.text(), same.text(), notes))
    return text, tuple(each for each in (rows_cut, *cut) if each)


def _table(table: Table, budget: Budget) -> tuple[str, str]:
    rule = f"|{' --- |' * table.words}{' ---: |' * (len(table.headers) - table.words)}\n"
    totals = row(table.totals) if table.totals else ""
    block = Block(f"{row(table.headers)}{rule}", f"{totals}\n")
    added = sum(1 for _ in takewhile(lambda each: block.add(row(each), budget), table.rows))
    left = len(table.rows) - added
    return block.text(), f"{left:,} row{'s' * (left > 1)} of the table" if left else ""


def _cut_line(cut: tuple[str, ...], full: str) -> str:
    return (
        f"This is not all: there was no room for {', '.join(cut)}."
        f" The whole review has the SHA-256 `{full}`."
    )

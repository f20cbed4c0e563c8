"""What a reader of a review sees, in order, whatever the format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render.phrase import Phrase
from iot_dr.rules.rule import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to know: `below` says more of it, `verbatim` is text with its own lines.

    `verdict` is None where it weighs nothing by itself.
    """

    phrase: Phrase
    below: tuple[Phrase, ...] = ()
    verbatim: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Items below a title, the worst first; `items` makes them anew, `count` says how many.

    `rank` says what goes first where there is no room for all: the higher, the sooner. `noun` is
    what an item is called, in the singular and in the plural.
    """

    title: str
    noun: tuple[str, str]
    rank: int
    count: int
    items: Callable[[], Iterator[Item]]
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below their headers, of which the first `words` are no numbers.

    `totals` is the last row; there is none where there is one stack, or no number.
    """

    headers: tuple[Phrase, ...]
    words: int
    rows: tuple[tuple[Phrase, ...], ...]
    totals: tuple[Phrase, ...] | None


@dataclass(frozen=True, slots=True)
class StackPart:
    """A stack with changes: its name, what is said beside it, its changes in order of rank."""

    name: str
    summary: str
    changes: tuple[ResourceChange | OutputChange, ...]

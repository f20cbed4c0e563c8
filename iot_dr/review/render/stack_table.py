"""The table of stacks and how many of their resources change in which way."""

from collections.abc import Mapping, Sequence
from typing import Final

from iot_dr.review.impact.review import Review
from iot_dr.review.read.stack_review import StackReview
from iot_dr.review.render.outline import Table
from iot_dr.review.render.phrase import Part, Phrase, code, phrase, sentence
from iot_dr.terraform_json.change import Action

_COLUMNS: Final = (
    *(action.value for action in (Action.REPLACE, Action.DESTROY, Action.UPDATE, Action.CREATE)),
    "move",
    "import",
    Action.FORGET.value,
    "output",
)
_STATES: Final = {"failed": "failed", "waiting": "waits", "incomplete": "not whole"}


def stack_table(review: Review) -> Table:
    """Give a row for each stack with changes or without a whole plan; no column is empty."""
    stacks = [each for each in review.stacks if each.has_changes or each.status != "planned"]
    numbers = [_numbers(each) for each in stacks]
    sums = {name: sum(each[name] for each in numbers) for name in _COLUMNS}
    columns = [name for name in _COLUMNS if sums[name]]
    has_state = any(each.status != "planned" for each in stacks)
    words = ("stack", "region", "plan") if has_state else ("stack", "region")
    return Table(
        headers=tuple(phrase(each) for each in (*words, *columns)),
        words=len(words),
        rows=tuple(
            _row(stack, counted, columns, has_state=has_state)
            for stack, counted in zip(stacks, numbers, strict=True)
        ),
        totals=_totals(sums, columns, len(words)) if len(stacks) > 1 and columns else None,
    )


def _numbers(stack: StackReview) -> Mapping[str, int]:
    counts = stack.counts
    return {
        **{action.value: counts.actions.get(action, 0) for action in Action},
        "move": counts.moves,
        "import": counts.imports,
        "output": len(stack.outputs),
    }


def _row(
    stack: StackReview, numbers: Mapping[str, int], columns: Sequence[str], *, has_state: bool
) -> tuple[Phrase, ...]:
    region: tuple[Part | str, ...] = (code(stack.region),) if stack.region else ()
    role = (" ", *sentence(stack.role, 20)) if stack.role else ()
    where = phrase(*region, *role)
    state = (phrase(_STATES.get(stack.status, "")),) if has_state else ()
    return (phrase(code(stack.name)), where, *state, *_cells(numbers, columns))


def _totals(sums: Mapping[str, int], columns: Sequence[str], words: int) -> tuple[Phrase, ...]:
    return (phrase("all"), *[phrase("")] * (words - 1), *_cells(sums, columns))


def _cells(numbers: Mapping[str, int], columns: Sequence[str]) -> tuple[Phrase, ...]:
    return tuple(phrase(f"{numbers[name]:,}" if numbers[name] else "") for name in columns)

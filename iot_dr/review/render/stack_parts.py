"""The table of stacks, and the changes of each stack."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iot_dr.review.impact.review import Review
from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.stack_review import OutputChange, ResourceChange, StackReview
from iot_dr.review.render.elements import (
    Phrase,
    StackPart,
    Table,
    TextPart,
    code,
    phrase,
    sentence,
)
from iot_dr.terraform_json.change import Action

_RANKS: Final = {
    Action.REPLACE: 0,
    Action.DESTROY: 0,
    Action.UPDATE: 1,
    Action.FORGET: 2,
    Action.CREATE: 4,
}
_MOVED: Final = 3
_WHOLE: Final = (Action.CREATE, Action.DESTROY, Action.FORGET)
_NAMES: Final = 100
_COLUMNS: Final = (
    *(action.value for action in (Action.REPLACE, Action.DESTROY, Action.UPDATE, Action.CREATE)),
    "move",
    "import",
    Action.FORGET.value,
    "output",
)
_STATES: Final = {"failed": "failed", "waiting": "waiting", "incomplete": "incomplete"}


def stack_table(review: Review) -> Table:
    """Return the stacks with changes or without a complete plan; empty columns are omitted."""
    stacks = [each for each in review.stacks if each.has_changes or each.status != "planned"]
    numbers = [_numbers(stack) for stack in stacks]
    sums = {name: sum(counts[name] for counts in numbers) for name in _COLUMNS}
    columns = [name for name in _COLUMNS if sums[name]]
    has_state = any(stack.status != "planned" for stack in stacks)
    text_columns = ("stack", "region", "plan") if has_state else ("stack", "region")
    return Table(
        headers=tuple(map(phrase, (*text_columns, *columns))),
        text_columns=len(text_columns),
        rows=tuple(
            _row(stack, counts, columns, has_state=has_state)
            for stack, counts in zip(stacks, numbers, strict=True)
        ),
        totals=_totals(sums, columns, len(text_columns)) if len(stacks) > 1 and columns else None,
    )


def stack_parts(review: Review) -> Iterator[StackPart]:
    """Yield the stacks that change, in their order."""
    for stack in review.stacks:
        if stack.has_changes:
            changes = sorted((*stack.changes, *stack.outputs), key=rank)
            own = "; own stack, not on the devices' path"
            summary = f"{_summary(stack)}{own if stack.name in review.off_device_path else ''}"
            yield StackPart(stack.name, summary, tuple(changes))


def rank(change: ResourceChange | OutputChange) -> int:
    """Return the rank of a change: 0 is the most important, and the highest is left out first."""
    return _MOVED if change.action is None else _RANKS[change.action]


def differences(change: ResourceChange | OutputChange) -> tuple[AttributeDiff, ...]:
    """Return the differences of a change, read from the plan."""
    return (change.diff,) if isinstance(change, OutputChange) else change.diffs


def is_whole(change: ResourceChange | OutputChange) -> bool:
    """Whether a resource is created, destroyed or forgotten, so that attributes add little."""
    return isinstance(change, ResourceChange) and change.action in _WHOLE


def unchanged(review: Review) -> Phrase:
    """Return the names of the unchanged stacks in one line; empty if all change."""
    stacks = [each for each in review.stacks if each.status == "planned" and not each.has_changes]
    parts: list[TextPart | str] = []
    for stack in stacks[:_NAMES]:
        parts += [", " if parts else "Unchanged: ", code(stack.name)]
    if len(stacks) > _NAMES:
        parts.append(f" and {len(stacks) - _NAMES:,} more")
    return phrase(*parts)


def _summary(stack: StackReview) -> str:
    counts = stack.counts
    numbers = [(counts.actions.get(action, 0), action.value) for action in _RANKS]
    numbers += [(counts.moves, "move"), (counts.imports, "import")]
    words = [f"{number:,} to {word}" for number, word in numbers if number]
    if stack.outputs:
        words.append(f"{len(stack.outputs):,} output{'s' * (len(stack.outputs) > 1)}")
    return ", ".join(words)


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
    region: tuple[TextPart | str, ...] = (code(stack.region),) if stack.region else ()
    words = ", ".join(filter(None, (stack.role, "own" if stack.is_own else None)))
    role = (" ", *sentence(words, 30)) if words else ()
    where = phrase(*region, *role)
    state = (phrase(_STATES.get(stack.status, "")),) if has_state else ()
    return (phrase(code(stack.name)), where, *state, *_cells(numbers, columns))


def _totals(
    sums: Mapping[str, int], columns: Sequence[str], text_columns: int
) -> tuple[Phrase, ...]:
    return (phrase("all"), *[phrase("")] * (text_columns - 1), *_cells(sums, columns))


def _cells(numbers: Mapping[str, int], columns: Sequence[str]) -> tuple[Phrase, ...]:
    return tuple(phrase(f"{numbers[name]:,}" if numbers[name] else "") for name in columns)

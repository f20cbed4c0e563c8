"""Each stack with its changes, the most important first."""

from collections.abc import Iterator
from typing import Final

from iot_dr.review.impact.review import Review
from iot_dr.review.read.attribute_diff import AttributeDiff
from iot_dr.review.read.stack_review import OutputChange, ResourceChange, StackReview
from iot_dr.review.render.outline import StackPart
from iot_dr.review.render.phrase import Part, Phrase, code, phrase, strong
from iot_dr.review.render.wording import change_phrase
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


def stack_parts(review: Review) -> Iterator[StackPart]:
    """Give the stacks that change, in their order."""
    for stack in review.stacks:
        if stack.has_changes:
            changes = sorted((*stack.changes, *stack.outputs), key=rank)
            yield StackPart(stack.name, _summary(stack), tuple(changes))


def rank(change: ResourceChange | OutputChange) -> int:
    """Tell how soon a change is left out: the higher, the sooner."""
    return _MOVED if change.action is None else _RANKS[change.action]


def told(change: ResourceChange | OutputChange) -> Phrase:
    """Tell what happens to a resource or an output."""
    if isinstance(change, OutputChange):
        return phrase(strong(change.action.value), " output ", code(change.name))
    return change_phrase(change)


def differences(change: ResourceChange | OutputChange) -> tuple[AttributeDiff, ...]:
    """Read what differs."""
    return (change.diff,) if isinstance(change, OutputChange) else change.diffs


def is_whole(change: ResourceChange | OutputChange) -> bool:
    """Whether a resource comes or goes as a whole, so that no attribute tells more than that."""
    return isinstance(change, ResourceChange) and change.action in _WHOLE


def unchanged(review: Review) -> Phrase:
    """Name the stacks that stay as they are, in one line; empty where all change."""
    stacks = [each for each in review.stacks if each.status == "planned" and not each.has_changes]
    parts: list[Part | str] = []
    for stack in stacks[:_NAMES]:
        parts += [", " if parts else "Unchanged: ", code(stack.name)]
    if len(stacks) > _NAMES:
        parts.append(f" and {len(stacks) - _NAMES:,} more")
    return phrase(*parts)


def _summary(stack: StackReview) -> str:
    counts = stack.counts
    numbers = [(counts.actions.get(action, 0), action.value) for action in _RANKS]
    numbers += [(counts.moves, "move"), (counts.imports, "import")]
    told = [f"{number:,} to {word}" for number, word in numbers if number]
    if stack.outputs:
        told.append(f"{len(stack.outputs):,} output{'s' * (len(stack.outputs) > 1)}")
    return ", ".join(told)

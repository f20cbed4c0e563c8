"""How changes and differences are worded in a line."""

from typing import Final

from iot_dr.review.read.attribute_diff import AttributeDiff, Kind, Shown
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render.diff_lines import path, shown
from iot_dr.review.render.outline import ARROW, Part, Phrase, code, listed, phrase, sentence, strong
from iot_dr.terraform_json.change import Action

_PATHS: Final = 6
_VALUE: Final = 160
_DRIFTED: Final = {Action.CREATE: "appeared", Action.UPDATE: "changed", Action.DESTROY: "gone"}


def change_phrase(change: ResourceChange | OutputChange) -> Phrase:
    """Say what happens to a resource, and why, or to an output."""
    if isinstance(change, OutputChange):
        return phrase(strong(change.action.value), " output ", code(change.name))
    parts: list[Part | str] = [*_lead(change), *_origin(change)]
    if change.forced_by:
        parts += [", forced by ", *listed(change.forced_by, _PATHS)]
    if change.reason:
        parts += [": ", *sentence(change.reason)]
    return phrase(*parts)


def placed_phrase(change: ResourceChange, shown_below: tuple[AttributeDiff, ...]) -> Phrase:
    """Say what happens to a resource and in which stack; `shown_below` are its attributes."""
    parts = [*_lead(change), " in ", *place(change.stack, change.region), *_origin(change)]
    if change.forced_by and not any(each.forces for each in shown_below):
        parts += [", forced by ", *listed(change.forced_by, _PATHS)]
    return phrase(*parts)


def attribute_phrase(diff: AttributeDiff) -> Phrase:
    """Say how one attribute differs."""
    forces = ", forces the replacement" if diff.forces else ""
    return phrase(
        code(path(diff)), ": ", side(diff.before), " ", ARROW, " ", side(diff.after), forces
    )


def attribute_phrases(diffs: tuple[AttributeDiff, ...]) -> tuple[Phrase, ...]:
    """Say how the first few attributes differ, and how many more do."""
    first = tuple(attribute_phrase(each) for each in diffs[:_PATHS])
    left = len(diffs) - len(first)
    return (*first, phrase(f"and {left:,} more")) if left else first


def side(value: Shown) -> Part | str:
    """Return one side of a difference; only a value of the plan stands as code."""
    return code(shown(value), _VALUE) if value.kind is Kind.VALUE else shown(value)


def place(stack: str, region: str | None) -> tuple[Part | str, ...]:
    """Name a stack and its region."""
    return (code(stack), " (", code(region), ")") if region else (code(stack),)


def _lead(change: ResourceChange) -> tuple[Part | str, ...]:
    left = (" (left over: ", code(change.deposed), ")") if change.deposed else ()
    return (strong(_happens(change)), " ", code(change.address), *left)


def _origin(change: ResourceChange) -> tuple[Part | str, ...]:
    moved = () if change.moved_from is None else (", moved from ", code(change.moved_from))
    by = (" (", code(change.import_id), ")") if change.import_id else ()
    imported = (", imported",) if change.is_imported and change.action is not None else ()
    return (*moved, *imported, *by)


def _happens(change: ResourceChange) -> str:
    if change.action is None:
        return "import" if change.is_imported else "move"
    return _DRIFTED.get(change.action, "changed") if change.is_drift else change.action.value

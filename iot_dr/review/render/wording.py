"""Changes and differences as phrases."""

from typing import Final

from iot_dr.review.read.attribute_diff import AttributeDiff, ShownValue, ValueKind
from iot_dr.review.read.stack_review import OutputChange, ResourceChange
from iot_dr.review.render.diff_lines import display_text, path
from iot_dr.review.render.elements import (
    ARROW,
    Phrase,
    TextPart,
    code,
    name_list,
    phrase,
    sentence,
    strong,
)
from iot_dr.terraform_json.change import Action

_PATHS: Final = 6
_VALUE: Final = 160
_DRIFTED: Final = {Action.CREATE: "appeared", Action.UPDATE: "changed", Action.DESTROY: "deleted"}


def change_phrase(change: ResourceChange | OutputChange) -> Phrase:
    """Return the action on a resource or an output, with its reason."""
    if isinstance(change, OutputChange):
        return phrase(strong(change.action.value), " output ", code(change.name))
    parts: list[TextPart | str] = [*_lead(change), *_origin(change)]
    if change.forced_by:
        parts += [", forced by ", *name_list(change.forced_by, _PATHS)]
    if change.reason:
        parts += [": ", *sentence(change.reason)]
    return phrase(*parts)


def change_in_stack(change: ResourceChange, attributes: tuple[AttributeDiff, ...]) -> Phrase:
    """Return the action on a resource and its stack; `attributes` are shown below the phrase."""
    parts = [*_lead(change), " in ", *place(change.stack, change.region), *_origin(change)]
    if change.forced_by and not any(diff.forces for diff in attributes):
        parts += [", forced by ", *name_list(change.forced_by, _PATHS)]
    return phrase(*parts)


def attribute_phrase(diff: AttributeDiff) -> Phrase:
    """Return the old and the new value of an attribute."""
    forces = ", forces replacement" if diff.forces else ""
    return phrase(
        code(path(diff)), ": ", side(diff.before), " ", ARROW, " ", side(diff.after), forces
    )


def attribute_phrases(diffs: tuple[AttributeDiff, ...]) -> tuple[Phrase, ...]:
    """Return the first six differences, and the number of the others."""
    first = tuple(attribute_phrase(each) for each in diffs[:_PATHS])
    more = len(diffs) - len(first)
    return (*first, phrase(f"and {more:,} more")) if more else first


def side(value: ShownValue) -> TextPart | str:
    """Return one side of a difference; a value of the plan is code."""
    return (
        code(display_text(value), _VALUE) if value.kind is ValueKind.VALUE else display_text(value)
    )


def place(stack: str, region: str | None) -> tuple[TextPart | str, ...]:
    """Return a stack and its region."""
    return (code(stack), " (", code(region), ")") if region else (code(stack),)


def _lead(change: ResourceChange) -> tuple[TextPart | str, ...]:
    deposed = (" (deposed: ", code(change.deposed), ")") if change.deposed else ()
    return (strong(_action(change)), " ", code(change.address), *deposed)


def _origin(change: ResourceChange) -> tuple[TextPart | str, ...]:
    moved = () if change.moved_from is None else (", moved from ", code(change.moved_from))
    import_id = (" (", code(change.import_id), ")") if change.import_id else ()
    imported = (", imported",) if change.is_imported and change.action is not None else ()
    return (*moved, *imported, *import_id)


def _action(change: ResourceChange) -> str:
    if change.action is None:
        return "import" if change.is_imported else "move"
    return _DRIFTED.get(change.action, "changed") if change.is_drift else change.action.value

"""The masks of a plan: `true` marks a value that is sensitive or known only after the apply.

A mask has the shape of the value, and `true` covers everything below it
(developer.hashicorp.com/terraform/internals/json-format, "Change Representation"). Any other truthy
value, such as 1 or a string, counts as `true`, so that an unexpected form never reveals a value.
"""

from collections.abc import Iterator

from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from iot_dr.terraform_json.plan.structs import ChangeFields


class Masking:
    """Handles sensitive values for a reader of plans; this class leaves them visible.

    That is safe for rules, whose findings quote no such values. A review overrides this class to
    hide them.
    """

    def add(self, value: Json) -> None:
        """Record a sensitive value."""

    def replaced(self, value: Json) -> Json:
        """Return the replacement of a sensitive value."""
        return value

    def masked(self, change: ChangeFields, *, is_before: bool) -> Json:
        """Return the values before or after a change, in a subclass with hidden ones replaced."""
        return change.before if is_before else change.after


def note_sensitive(masking: Masking, change: ChangeFields) -> None:
    """Record the values that the masks of a change mark."""
    for value, mask in (
        (change.before, change.before_sensitive),
        (change.after, change.after_sensitive),
    ):
        for sensitive in marked(value, mask):
            masking.add(sensitive)


def marks_any(mask: Json) -> bool:
    """Whether a mask marks anything."""
    if mask is True or not mask:
        return mask is True
    inner = mask.values() if is_mapping(mask) else mask if is_sequence(mask) else None
    return inner is None or any(map(marks_any, inner))


def normalized(mask: Json) -> Json:
    """Return a mask with `true` for every truthy leaf, None if it marks nothing."""
    if not marks_any(mask):
        return None
    if is_mapping(mask):
        return {name: normalized(each) for name, each in mask.items()}
    return [normalized(each) for each in mask] if is_sequence(mask) else True


def within(mask: Json, step: str | int) -> Json:
    """Return the part of a mask at a step; everything below `true` is marked."""
    if mask is True or not mask:
        return mask
    if is_mapping(mask):
        return mask.get(step) if isinstance(step, str) else None
    if is_sequence(mask) and isinstance(step, int) and step < len(mask):
        return mask[step]
    return None


def fitted(mask: Json, value: Json) -> Json:
    """Return a mask in the shape of the value, `true` if the shapes differ.

    `false` if it marks nothing.
    """
    if mask is True or not marks_any(mask):
        return mask is True
    is_fit = (is_mapping(mask) and is_mapping(value)) or (
        is_sequence(mask) and is_sequence(value) and len(mask) == len(value)
    )
    return mask if is_fit else True


def marked(value: Json, mask: Json) -> Iterator[Json]:
    """Yield the values that a mask marks; all of a value if the shapes differ."""
    mask = fitted(mask, value)
    if mask is True:
        yield value
    elif is_mapping(mask):
        for name, inner in mask.items():
            yield from marked(value.get(name), inner)
    elif is_sequence(mask):
        for element, inner in zip(value, mask, strict=True):
            yield from marked(element, inner)

"""The masks of a plan: `true` where a value is sensitive, or known after the apply only.

A mask has the shape of the value, and `true` hides all below it
(developer.hashicorp.com/terraform/internals/json-format, "Change Representation"). Any other truthy
value, such as 1 or a string, counts as `true`: an unexpected form must not reveal a value.
"""

from collections.abc import Iterator

from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence
from iot_dr.terraform_json.plan.structs import ChangeFields


class Masking:
    """What a reader of plans does with sensitive values: leave them as they are.

    For rules, whose findings quote no such value. A review overrides it to hide them.
    """

    def add(self, value: Json) -> None:
        """Take note of a sensitive value."""

    def replaced(self, value: Json) -> Json:
        """Return what stands in the place of a sensitive value."""
        return value

    def masked(self, change: ChangeFields, *, is_before: bool) -> Json:
        """Return the values before or after a change, without those that are hidden."""
        return change.before if is_before else change.after


def note_sensitive(masking: Masking, change: ChangeFields) -> None:
    """Note the values that the masks of a change mark."""
    for value, mask in (
        (change.before, change.before_sensitive),
        (change.after, change.after_sensitive),
    ):
        for each in marked(value, mask):
            masking.add(each)


def marks_any(mask: Json) -> bool:
    """Whether a mask marks anything."""
    if mask is True or not mask:
        return mask is True
    inner = mask.values() if is_mapping(mask) else mask if is_sequence(mask) else None
    return inner is None or any(map(marks_any, inner))


def normalized(mask: Json) -> Json:
    """Return a mask with `true` for all that counts as true, or None where it marks nothing."""
    if not marks_any(mask):
        return None
    if is_mapping(mask):
        return {name: normalized(each) for name, each in mask.items()}
    return [normalized(each) for each in mask] if is_sequence(mask) else True


def within(mask: Json, step: str | int) -> Json:
    """Return the part of a mask that a step leads to; all below `true` is marked."""
    if mask is True or not mask:
        return mask
    if is_mapping(mask):
        return mask.get(step) if isinstance(step, str) else None
    if is_sequence(mask) and isinstance(step, int) and step < len(mask):
        return mask[step]
    return None


def fitted(mask: Json, value: Json) -> Json:
    """Return a mask that has the shape of the value: one that does not fit marks all of it."""
    if mask is True or not marks_any(mask):
        return mask is True
    is_fit = (is_mapping(mask) and is_mapping(value)) or (
        is_sequence(mask) and is_sequence(value) and len(mask) == len(value)
    )
    return mask if is_fit else True


def marked(value: Json, mask: Json) -> Iterator[Json]:
    """Yield the values that a mask marks; a mask that does not fit a value marks all of it."""
    mask = fitted(mask, value)
    if mask is True:
        yield value
    elif is_mapping(mask):
        for name, inner in mask.items():
            yield from marked(value.get(name), inner)
    elif is_sequence(mask):
        for each, inner in zip(value, mask, strict=True):
            yield from marked(each, inner)

"""A value of a plan, before or after the change, with its masks."""

from collections.abc import Callable
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from iot_dr.review.read.attribute_diff import UNKNOWN
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, mapping, sequence
from iot_dr.terraform_json.plan.masks import fitted, marks_any, normalized, within


class Side(NamedTuple):
    """A value with Terraform's masks of its sensitive and unknown parts; null means absent.

    developer.hashicorp.com/terraform/internals/json-format (`after_unknown`, `after_sensitive`).
    """

    value: Json
    sensitive: Json = None
    unknown: Json = None

    @classmethod
    def of(cls, value: Json, sensitive: Json, unknown: Json = None) -> "Side":
        """Return a side whose empty masks are None."""
        return cls(value, normalized(sensitive), normalized(unknown))

    def child(self, step: str | int | None) -> "Side":
        """Return the side at a key or an index; an empty one for None."""
        if step is None:
            return Side(None)
        value: Json = None
        if is_mapping(self.value) and isinstance(step, str):
            value = self.value.get(step)
        elif is_sequence(self.value) and isinstance(step, int) and step < len(self.value):
            value = self.value[step]
        return Side(value, within(self.sensitive, step), within(self.unknown, step))

    @property
    def is_set(self) -> bool:
        """Whether there is a value, known or not."""
        return self.value is not None or marks_any(self.unknown)

    @property
    def names(self) -> frozenset[str]:
        """The keys of an object, including those of unknown values."""
        unknown = (name for name, mask in mapping(self.unknown).items() if marks_any(mask))
        return frozenset((*mapping(self.value), *unknown))

    @property
    def length(self) -> int:
        """The number of elements of a list, including unknown ones."""
        return max(len(sequence(self.value)), len(sequence(self.unknown)))

    @property
    def has_masks(self) -> bool:
        """Whether any part is sensitive or unknown."""
        return marks_any(self.sensitive) or marks_any(self.unknown)

    def with_fitted_mask(self) -> "Side":
        """Return the side with a sensitive mask of the value's shape.

        A mask of another shape hides the whole value.
        """
        if not self.sensitive or self.sensitive is True:
            return self
        return self._replace(sensitive=fitted(self.sensitive, self.value))

    def with_placeholders(self) -> "Side":
        """Return the side with `(known after apply)` in place of its unknown parts.

        A side that is unknown as a whole is returned unchanged.
        """
        if self.unknown is True:
            return self
        return self._replace(value=_with_placeholders(self.value, self.unknown), unknown=None)


def sides_differ(before: Side, after: Side) -> bool:
    """Whether two sides differ in their values or in what is sensitive, or may do after apply."""
    if encoded(before.value) != encoded(after.value) or marks_any(after.unknown):
        return True
    masks = (before.sensitive, after.sensitive)
    return any(map(marks_any, masks)) and encoded(masks[0]) != encoded(masks[1])


def are_both(kind: Callable[[Json], bool], before: Side, after: Side) -> bool:
    """Whether every side that is set is of a kind; of an unknown value, its mask."""
    contents = (
        side.unknown if side.value is None else side.value
        for side in (before, after)
        if side.is_set
    )
    return all(map(kind, contents))


def encoded(value: Json) -> bytes:
    """Return JSON with sorted keys: equal only for values that are the same to Terraform."""
    return msgspec.json.encode(value, order="sorted")


def _with_placeholders(value: Json, unknown: Json) -> Json:
    if unknown is True:
        return UNKNOWN.text
    if not marks_any(unknown):
        return value
    if is_mapping(unknown):
        known = mapping(value)
        merged = {name: _with_placeholders(known.get(name), mask) for name, mask in unknown.items()}
        return {**known, **{name: each for name, each in merged.items() if each is not None}}
    if is_sequence(unknown):
        return [_with_placeholders(*pair) for pair in zip_longest(sequence(value), unknown)]
    return value

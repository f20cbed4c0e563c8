"""A value of a plan, before or after, with its masks."""

from collections.abc import Callable
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from iot_dr.review.read.attribute_diff import UNKNOWN
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, mapping, sequence
from iot_dr.terraform_json.plan.masks import fitted, marks_any, normalized, within


class Side(NamedTuple):
    """A value with the masks of what is sensitive and what is known later; `null` is none."""

    value: Json
    sensitive: Json = None
    unknown: Json = None

    @classmethod
    def of(cls, value: Json, sensitive: Json, unknown: Json = None) -> "Side":
        """Make one; a mask that marks nothing is none."""
        return cls(value, normalized(sensitive), normalized(unknown))

    def inner(self, step: str | int | None) -> "Side":
        """Go one step into it; None leads nowhere."""
        if step is None:
            return Side(None)
        value: Json = None
        if is_mapping(self.value) and isinstance(step, str):
            value = self.value.get(step)
        elif is_sequence(self.value) and isinstance(step, int) and step < len(self.value):
            value = self.value[step]
        return Side(value, within(self.sensitive, step), within(self.unknown, step))

    @property
    def is_there(self) -> bool:
        """Whether it has a value, be it one that is not known yet."""
        return self.value is not None or marks_any(self.unknown)

    @property
    def names(self) -> frozenset[str]:
        """The keys of an object, with those whose values are known later."""
        later = (name for name, each in mapping(self.unknown).items() if marks_any(each))
        return frozenset((*mapping(self.value), *later))

    @property
    def length(self) -> int:
        """The elements of a list, with those that are known later."""
        return max(len(sequence(self.value)), len(sequence(self.unknown)))

    @property
    def has_masks(self) -> bool:
        """Whether a part of it is sensitive or known later."""
        return marks_any(self.sensitive) or marks_any(self.unknown)

    def shaped(self) -> "Side":
        """Return it with a mask that fits: one that does not hides all."""
        if not self.sensitive or self.sensitive is True:
            return self
        return self._replace(sensitive=fitted(self.sensitive, self.value))

    def filled(self) -> "Side":
        """Return it with words in the place of the parts that are known later."""
        if self.unknown is True:
            return self
        return self._replace(value=_filled(self.value, self.unknown), unknown=None)


def differ(before: Side, after: Side) -> bool:
    """Whether a change is more than in the words of the plan: of values, or of secrecy."""
    if encoded(before.value) != encoded(after.value) or marks_any(after.unknown):
        return True
    masks = (before.sensitive, after.sensitive)
    return any(map(marks_any, masks)) and encoded(masks[0]) != encoded(masks[1])


def are_both(kind: Callable[[Json], bool], before: Side, after: Side) -> bool:
    """Whether what is there on either side is of a kind, and can be gone into."""
    told = (
        side.unknown if side.value is None else side.value
        for side in (before, after)
        if side.is_there
    )
    return all(map(kind, told))


def encoded(value: Json) -> bytes:
    """Write a value so that two are equal only where they are the same to Terraform."""
    return msgspec.json.encode(value, order="sorted")


def _filled(value: Json, unknown: Json) -> Json:
    if unknown is True:
        return UNKNOWN.text
    if not marks_any(unknown):
        return value
    if is_mapping(unknown):
        known = mapping(value)
        later = {name: _filled(known.get(name), each) for name, each in unknown.items()}
        return {**known, **{name: each for name, each in later.items() if each is not None}}
    if is_sequence(unknown):
        return [_filled(*each) for each in zip_longest(sequence(value), unknown)]
    return value

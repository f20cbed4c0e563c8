"""The differences of a change, by argument."""

import json
import re
from functools import cached_property
from typing import Final

from iot_dr.review.read.attribute_diff import AttributeDiff, Kind, Shown
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.terraform_json.change import Action

_STEP: Final = re.compile(r"[.\[]")
_SHOWN: Final = frozenset((Kind.VALUE, Kind.ABSENT))


class Differences:
    """What differs in a change, and what of it may be shown; read once, if at all."""

    def __init__(self, change: ResourceChange) -> None:
        self._change = change

    @cached_property
    def diffs(self) -> tuple[AttributeDiff, ...]:
        """The attributes that differ; of a replacement none that only follows from it."""
        is_anew = self._change.action is Action.REPLACE
        return tuple(
            each
            for each in self._change.diffs
            if each.forces or not is_anew or each.after.kind is not Kind.UNKNOWN
        )

    @cached_property
    def heads(self) -> frozenset[str]:
        """The arguments that differ."""
        return frozenset(head(each.path) for each in self.diffs)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The arguments that differ in what is sensitive."""
        return frozenset(
            head(each.path)
            for each in self.diffs
            if Kind.SENSITIVE in {each.before.kind, each.after.kind}
        )

    @cached_property
    def later(self) -> frozenset[str]:
        """The paths of what is known later as a whole."""
        return frozenset(each.path for each in self.diffs if each.after.kind is Kind.UNKNOWN)

    def numbers(self, argument: str) -> tuple[int, int] | None:
        """Return a whole number before and after, None if one is unknown or must not be shown."""
        values = self.values(argument)
        if values is None:
            return None
        before, after = map(_number, values)
        return None if before is None or after is None else (before, after)

    def values(self, argument: str) -> tuple[object, object] | None:
        """Return a value before and after, None where it does not differ or must not be shown."""
        found = next((each for each in self.diffs if each.path == argument), None)
        if found is None or not {found.before.kind, found.after.kind} <= _SHOWN:
            return None
        try:
            return _value(found.before), _value(found.after)
        except ValueError:
            # A long value is shown in a short form.
            return None

    def about(self, heads: frozenset[str]) -> tuple[AttributeDiff, ...]:
        """Return the differences of these arguments, after those that force a replacement.

        Of what goes as a whole there are none.
        """
        if self._change.action in {Action.DESTROY, Action.FORGET}:
            return ()
        wanted = (each for each in self.diffs if each.forces or head(each.path) in heads)
        return tuple(sorted(wanted, key=lambda each: (not each.forces, each.path)))


def head(path: str) -> str:
    """Return the argument that a path is in: `alias` of `alias[0].name`."""
    return _STEP.split(path, maxsplit=1)[0]


def _value(shown: Shown) -> object:
    return None if shown.kind is Kind.ABSENT else json.loads(shown.text)


def _number(value: object) -> int | None:
    # True is a whole number too, but not one that is shown.
    return value if isinstance(value, int) and not isinstance(value, bool) else None

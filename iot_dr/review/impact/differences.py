"""The differences of one change, by Terraform argument."""

import json
import re
from functools import cached_property
from typing import Final

from iot_dr.review.read.attribute_diff import AttributeDiff, ShownValue, ValueKind
from iot_dr.review.read.stack_review import ResourceChange
from iot_dr.terraform_json.change import Action

_STEP: Final = re.compile(r"[.\[]")
_READABLE: Final = frozenset((ValueKind.VALUE, ValueKind.ABSENT))


class Differences:
    """The differences of one change, read from the plan at first use."""

    def __init__(self, change: ResourceChange) -> None:
        self._change = change

    @cached_property
    def diffs(self) -> tuple[AttributeDiff, ...]:
        """The attributes that differ.

        For a replacement, attributes that are unknown until apply and do not force it are left
        out: every new resource has them.
        """
        is_replaced = self._change.action is Action.REPLACE
        return tuple(
            diff
            for diff in self._change.diffs
            if diff.forces or not is_replaced or diff.after.kind is not ValueKind.UNKNOWN
        )

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The arguments that differ."""
        return frozenset(argument_of(each.path) for each in self.diffs)

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The arguments that differ in a sensitive value."""
        return frozenset(
            argument_of(diff.path)
            for diff in self.diffs
            if ValueKind.SENSITIVE in {diff.before.kind, diff.after.kind}
        )

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The paths whose new value Terraform knows only after the apply, in full."""
        return frozenset(each.path for each in self.diffs if each.after.kind is ValueKind.UNKNOWN)

    def numbers(self, argument: str) -> tuple[int, int] | None:
        """Return an integer before and after.

        None if it does not differ, or either side is unknown, sensitive or not an integer.
        """
        values = self.values(argument)
        if values is None:
            return None
        before, after = map(_integer, values)
        return None if before is None or after is None else (before, after)

    def values(self, argument: str) -> tuple[object, object] | None:
        """Return a value before and after.

        None if it does not differ, is unknown or sensitive on either side, or was shortened.
        """
        diff = next((each for each in self.diffs if each.path == argument), None)
        if diff is None or not {diff.before.kind, diff.after.kind} <= _READABLE:
            return None
        try:
            return _value(diff.before), _value(diff.after)
        except ValueError:
            # The text of a long value is shortened, and no longer JSON.
            return None

    def of_arguments(self, arguments: frozenset[str]) -> tuple[AttributeDiff, ...]:
        """Return the differences of these arguments, first all that force a replacement.

        Empty for a resource that is destroyed or forgotten.
        """
        if self._change.action in {Action.DESTROY, Action.FORGET}:
            return ()
        chosen = (each for each in self.diffs if each.forces or argument_of(each.path) in arguments)
        return tuple(sorted(chosen, key=lambda diff: (not diff.forces, diff.path)))


def argument_of(path: str) -> str:
    """Return the argument that a path is in: `alias` for `alias[0].name`."""
    return _STEP.split(path, maxsplit=1)[0]


def _value(shown: ShownValue) -> object:
    return None if shown.kind is ValueKind.ABSENT else json.loads(shown.text)


def _integer(value: object) -> int | None:
    # `bool` is a subclass of `int`.
    return value if isinstance(value, int) and not isinstance(value, bool) else None

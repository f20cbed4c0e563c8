"""What differs between the variables of two contracts."""

import json
from collections.abc import Iterator

from iot_dr.emit.contract.difference import Difference
from iot_dr.emit.contract.variable import Variable
from iot_dr.emit.contract.version import Kind


def variable_differences(
    before: tuple[Variable, ...], after: tuple[Variable, ...]
) -> Iterator[Difference]:
    """Tell the differences; one that was renamed is one removed and one added."""
    old, new = ({each.name: each for each in variables} for variables in (before, after))
    for name in old.keys() - new.keys():
        yield Difference(kind="major", what=f"variable `{name}` was removed")
    for name in new.keys() - old.keys():
        kind, must = ("major", "required") if new[name].is_required else ("minor", "optional")
        yield Difference(kind=kind, what=f"{must} variable `{name}` was added")
    for name in old.keys() & new.keys():
        for kind, what in _of_one(old[name], new[name]):
            yield Difference(kind=kind, what=f"variable `{name}` {what}")


def _of_one(before: Variable, after: Variable) -> Iterator[tuple[Kind, str]]:
    if before.type != after.type:
        # Two texts do not tell that every value of the one type is a value of the other.
        yield "major", "has another type"
    if after.is_required and not before.is_required:
        yield "major", "became required"
    elif before.is_required and not after.is_required:
        yield "minor", "became optional"
    elif _default(before) != _default(after):
        yield "minor", "has another default"
    if before.nullable and not after.nullable:
        yield "major", "may no longer be null"
    elif after.nullable and not before.nullable:
        # To a variable that may not be null, null means its default.
        yield "minor" if before.is_required else "major", "may now be null"
    yield from _of_rules(before, after)
    if before.description != after.description:
        yield "patch", "has another description"


def _of_rules(before: Variable, after: Variable) -> Iterator[tuple[Kind, str]]:
    old, new = (
        {each.condition: each.error for each in variable.validations}
        for variable in (before, after)
    )
    if new.keys() - old.keys():
        # Two conditions do not tell which of them lets more in.
        yield "major", "has another rule for its values"
    elif old.keys() - new.keys():
        yield "minor", "has a rule less for its values"
    elif old != new:
        yield "patch", "has another message for a wrong value"


def _default(variable: Variable) -> str | None:
    # As text, in which true and 1 differ.
    return None if variable.is_required else json.dumps(variable.default, sort_keys=True)

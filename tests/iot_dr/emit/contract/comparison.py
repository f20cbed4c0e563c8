"""What differs between two contracts of a module, by semantic versions."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.emit.changelog import Version
from iot_dr.emit.contract import Contract, Output, Variable
from tests.iot_dr.emit.contract.document import document

Kind = Literal["major", "minor", "patch"]
"""How much a version says has changed: https://semver.org/spec/v2.0.0.html."""

KINDS: Final[tuple[Kind, ...]] = ("major", "minor", "patch")
"""From the one that says most to the one that says least."""

_TERM: Final = re.compile(r"(>=|<=|~>|>|<|=)?\s*(\d+(?:\.\d+){0,2})", re.ASCII)
_NONE_BELOW: Final = Version(0, 0, 0)


def change(before: Contract, after: Contract) -> Kind | None:
    """Return the kind of the change as a whole; None without a change."""
    return next((each.kind for each in differences(before, after)), None)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference; `what` is a clause such as ``variable `zone_id` was removed``."""

    kind: Kind
    what: str


def differences(before: Contract, after: Contract) -> list[Difference]:
    """Yield all differences, the worst first.

    Major is what makes a call invalid, destroys what exists, or cannot be shown to do neither.
    The texts of types, rules and values are not read, so each change of one is taken for the
    worst. A default that changed is minor: each call stays valid and the plan shows what it does;
    only where null means something else from then on is it major.
    """
    results = [
        *_in_names(before, after),
        *variable_differences(before.variables, after.variables),
        *_in_outputs(before.outputs, after.outputs),
        *_in_places(before, after),
        *_in_sources(before, after),
        *_in_versions(before.versions, after.versions),
    ]
    if not results and document(before) != document(after):
        results = [Difference(kind="patch", what="the contract is written in another way")]
    return sorted(results, key=lambda each: (KINDS.index(each.kind), each.what))


def _in_names(before: Contract, after: Contract) -> Iterator[Difference]:
    if before.name != after.name:
        yield Difference(kind="major", what=f"the module is called `{after.name}`")
    yield from differences_of_names(
        "provider alias", before.aliases, after.aliases, added="major", removed="major"
    )
    # A call may have no provider that a module could inherit.
    yield from differences_of_names(
        "inherited provider", _inherited(before), _inherited(after), added="major", removed="patch"
    )
    # What leaves an address is destroyed, unless a `moved` block says where it went.
    yield from differences_of_names(
        "resource", before.resources, after.resources, added="minor", removed="major"
    )
    yield from differences_of_names(
        "module", before.modules, after.modules, added="minor", removed="major"
    )
    # Reading it takes a right, but nothing is lost when it goes.
    yield from differences_of_names(
        "data source", before.data_sources, after.data_sources, added="minor", removed="patch"
    )


def _inherited(contract: Contract) -> list[str]:
    # The provider of `terraform_data` is part of Terraform.
    return [name for name in contract.providers if "." not in name and name != "terraform"]


def _in_outputs(before: tuple[Output, ...], after: tuple[Output, ...]) -> Iterator[Difference]:
    old, new = ({each.name: each for each in outputs} for outputs in (before, after))
    yield from differences_of_names("output", old, new, added="minor", removed="major")
    for name in old.keys() & new.keys():
        if old[name].value != new[name].value:
            yield Difference(kind="major", what=f"output `{name}` has another value")
        if old[name].sensitive != new[name].sensitive:
            # A caller's own output must then say that it is sensitive, or the plan fails.
            kind, now = ("major", "is now") if new[name].sensitive else ("minor", "is no longer")
            yield Difference(kind=kind, what=f"output `{name}` {now} sensitive")
        if old[name].description != new[name].description:
            yield Difference(kind="patch", what=f"output `{name}` has another description")


def _in_places(before: Contract, after: Contract) -> Iterator[Difference]:
    # It would be looked for in the other region, and stay where it is, known to nobody.
    for name in before.placed.keys() & after.placed.keys():
        if before.placed[name] != after.placed[name]:
            yield Difference(kind="major", what=f"`{name}` is of `{after.placed[name]}`")


def _in_sources(before: Contract, after: Contract) -> Iterator[Difference]:
    for name in before.sources.keys() & after.sources.keys():
        if before.sources[name] != after.sources[name]:
            yield Difference(kind="major", what=f"`{name}` has another source")


def _in_versions(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    yield from differences_of_names("requirement of", before, after, added="major", removed="minor")
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            yield Difference(
                kind=_kind_of_constraint(name, before[name], after[name]),
                what=f"{name} must be {after[name]} instead of {before[name]}",
            )


def _kind_of_constraint(name: str, before: str, after: str) -> Kind:
    try:
        old, new = version_range(before), version_range(after)
    except ValueError:
        return "major"
    if new.lets_in(old):
        return "patch" if old.lets_in(new) else "minor"
    return "minor" if name != "terraform" and _only_newer(old, new) else "major"


@dataclass(frozen=True, kw_only=True)
class VersionRange:
    """All versions from `lowest` to the last one before `below`, which None leaves open."""

    lowest: Version
    below: Version | None

    def lets_in(self, other: "VersionRange") -> bool:
        """Whether every version of another range is in this one."""
        return self.lowest <= other.lowest and self.reaches(other)

    def reaches(self, other: "VersionRange") -> bool:
        """Whether this range goes up as far as another one."""
        return self.below is None or (other.below is not None and other.below <= self.below)


def _only_newer(old: VersionRange, new: VersionRange) -> bool:
    """Whether a provider has to be newer only within its major version."""
    return new.reaches(old) and new.lowest.major == old.lowest.major


def variable_differences(
    before: tuple[Variable, ...], after: tuple[Variable, ...]
) -> Iterator[Difference]:
    """Yield the differences; one that was renamed is one removed and one added."""
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
        # Two texts do not show that every value of the one type is a value of the other.
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
        # Two conditions do not show which of them lets more in.
        yield "major", "has another rule for its values"
    elif old.keys() - new.keys():
        yield "minor", "has a rule less for its values"
    elif old != new:
        yield "patch", "has another message for a wrong value"


def _default(variable: Variable) -> str | None:
    # As text, in which true and 1 differ.
    return None if variable.is_required else json.dumps(variable.default, sort_keys=True)


def differences_of_names(
    what: str, before: Iterable[str], after: Iterable[str], *, added: Kind, removed: Kind
) -> list[Difference]:
    """Yield the added and the removed names."""
    old, new = set(before), set(after)
    return [
        *(Difference(kind=removed, what=f"{what} `{name}` was removed") for name in old - new),
        *(Difference(kind=added, what=f"{what} `{name}` was added") for name in new - old),
    ]


def version_range(constraint: str) -> VersionRange:
    """Read a constraint such as `>= 6.1, < 7.0`.

    Raises ValueError for another text, such as `!= 6.1` or a version with a label.
    https://developer.hashicorp.com/terraform/language/expressions/version-constraints
    """
    ranges = [_range(term.strip()) for term in constraint.split(",")]
    tops = [each.below for each in ranges if each.below is not None]
    return VersionRange(
        lowest=max(each.lowest for each in ranges), below=min(tops) if tops else None
    )


def _range(term: str) -> VersionRange:
    result = _TERM.fullmatch(term)
    if result is None:
        message = f"{term!r} is not a range of versions"
        raise ValueError(message)
    sign, digits = result.groups()
    numbers = tuple(map(int, digits.split(".")))
    version = Version(*numbers, *(0,) * (3 - len(numbers)))
    match sign:
        case ">=":
            return VersionRange(lowest=version, below=None)
        case ">":
            return VersionRange(lowest=version._replace(patch=version.patch + 1), below=None)
        case "<":
            return VersionRange(lowest=_NONE_BELOW, below=version)
        case "<=":
            return VersionRange(lowest=_NONE_BELOW, below=version._replace(patch=version.patch + 1))
        case "~>":
            return VersionRange(lowest=version, below=_above(version, len(numbers)))
        case _:
            return VersionRange(lowest=version, below=version._replace(patch=version.patch + 1))


def _above(version: Version, numbers: int) -> Version | None:
    """Say where `~>` ends: only the last number that is written may grow."""
    return (None, Version(version.major + 1, 0, 0), Version(version.major, version.minor + 1, 0))[
        numbers - 1
    ]

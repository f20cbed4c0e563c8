"""The kind of change between two contracts of a module, by semantic versions."""

from collections.abc import Iterator

from iot_dr.emit.contract.contract import Contract
from iot_dr.emit.contract.difference import Difference, differences_of_names
from iot_dr.emit.contract.document import document
from iot_dr.emit.contract.output import Output
from iot_dr.emit.contract.variable_difference import variable_differences
from iot_dr.emit.contract.version import KINDS, Kind
from iot_dr.emit.contract.version_range import VersionRange, version_range


def change(before: Contract, after: Contract) -> Kind | None:
    """Tell the kind of the change as a whole; None when nothing changed."""
    return next((each.kind for each in differences(before, after)), None)


def differences(before: Contract, after: Contract) -> list[Difference]:
    """Tell all that changed, the worst first.

    Major is what makes a call invalid, destroys what stands, or cannot be shown to do neither.
    The texts of types, rules and values are not read, so each change of one is taken for the
    worst. A default that changed is minor: each call stays valid and the plan shows what it does;
    only where null means something else from then on is it major.
    """
    found = [
        *_in_names(before, after),
        *variable_differences(before.variables, after.variables),
        *_in_outputs(before.outputs, after.outputs),
        *_in_places(before, after),
        *_in_sources(before, after),
        *_in_versions(before.versions, after.versions),
    ]
    if not found and document(before) != document(after):
        found = [Difference(kind="patch", what="the contract is written in another way")]
    return sorted(found, key=lambda each: (KINDS.index(each.kind), each.what))


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


def _only_newer(old: VersionRange, new: VersionRange) -> bool:
    """Tell whether a provider has to be newer only within its major version."""
    return new.reaches(old) and new.lowest.major == old.lowest.major

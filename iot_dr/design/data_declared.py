"""The functions on the path of device data that a set declares, and what they share."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from functions.contract import RegistryVariable, TelemetryVariable
from iot_dr.design.data_links import (
    QUEUE,
    STREAM,
    TABLE,
    DataStore,
    Link,
    best,
    declared_store,
    place_of,
)
from iot_dr.design.functions import package_of, variables_of
from iot_dr.design.permissions import is_function
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

MAPPING: Final = "aws_lambda_event_source_mapping"


class Package(StrEnum):
    """The packages of `functions` on the path."""

    CAPTURE = "registry_capture"
    APPLY = "registry_apply"
    RECONCILE = "registry_reconcile"
    TELEMETRY = "telemetry"


class FunctionEnvironment(NamedTuple):
    """What functions share: the account, regions, and tables of the registry and of states.

    The name and account are empty where they are not known. `is_whole`: every resource is declared
    here, so that one that is not does not exist. `is_logged`: a trail of the account logs calls.
    Tables can be recovered for `recovery_days`, None if that is not known.
    """

    name: str
    account: str
    regions: tuple[str, ...]
    tables: tuple[str, str]
    is_whole: bool
    is_logged: bool = False
    recovery_days: int | None = None


class DeclaredFunctions:
    """The functions of this project that a set declares, by package and region."""

    def __init__(self, resources: ResourceSet, environment: FunctionEnvironment | None) -> None:
        self.resources = resources
        self._by_package = defaultdict[tuple[Package, str], list[Resource]](list)
        for function in resources.of_type("aws_lambda_function"):
            package = _package(resources, function)
            if package and function.region:
                self._by_package[package, function.region].append(function)
        self.environment = environment or self._inferred()
        self.queues, self.streams = (
            {declared_store(resources, each): each for each in resources.of_type(type_)}
            for type_ in (QUEUE, STREAM)
        )

    def of(self, package: Package, *regions: str) -> list[Resource]:
        """Return the functions of a package in regions."""
        return [each for region in regions for each in self._by_package.get((package, region), ())]

    def is_declared(self, region: str) -> bool:
        """Whether any function is declared in a region."""
        return any(place == region for _, place in self._by_package)

    def stacks(self, region: str) -> set[str]:
        """Return the stacks with functions of a region."""
        return {function.stack for package in Package for function in self.of(package, region)}

    def read(self) -> set[DataStore | None]:
        """Return the queues that functions read."""
        return {
            place_of(self.resources, mapping, mapping.values.get("event_source_arn"), QUEUE)
            for mapping in self.resources.of_type(MAPPING)
        }

    def missing(self, type_: str, region: str, problem: str) -> Link:
        """Return the link of a resource of a type that is not found.

        It does not exist if the stacks of the region's functions have others of the type.
        """
        stacks = self.stacks(region)
        is_other = any(each.stack in stacks for each in self.resources.of_type(type_))
        return Link(problem, None, is_known=self.environment.is_whole or is_other)

    def best(
        self, options: Iterable[Iterable[Link]], type_: str, region: str, does: str
    ) -> list[Link]:
        """Return the links of the best option, or that no resource of a type does something."""
        return best(options, self.missing(type_, region, f"no {type_} in {region} {does}"))

    def place(self, function: Resource, name: str, type_: str = QUEUE) -> DataStore | None:
        """Return the queue or table of a variable, None if it is not known."""
        return place_of(self.resources, function, variables_of(function).get(name), type_)

    def mappings(
        self, source: DataStore, type_: str, package: Package
    ) -> Iterator[tuple[Resource, Resource]]:
        """Yield the event source mappings from a source to functions, each with the function."""
        for mapping in self.resources.of_type(MAPPING):
            value = mapping.values.get("event_source_arn")
            is_there = mapping.region in {source.region, None}
            if is_there and place_of(self.resources, mapping, value, type_) == source:
                for function in self.of(package, str(source.region)):
                    name = mapping.values.get("function_name")
                    if is_function(self.resources, mapping, name, function):
                        yield mapping, function

    def common(self, name: str, type_: str = "") -> str:
        """Return what most functions have as a variable, of a type the name of what it is."""
        values = Counter[str]()
        for function in (each for every in self._by_package.values() for each in every):
            place = self.place(function, name, type_) if type_ else None
            value = variables_of(function).get(name)
            values[
                (place.name if place else literal(self.resources.resolve(function, value))) or ""
            ] += 1
        del values[""]
        return next((text for text, _ in values.most_common(1)), "")

    def _inferred(self) -> FunctionEnvironment:
        """Return what most functions say."""
        names = self.common(RegistryVariable.REGIONS)
        declared = dict.fromkeys(region for _, region in self._by_package)
        regions = tuple(names.split(",")) if names else tuple(declared)
        registry, states = (
            self.common(name, TABLE) for name in (RegistryVariable.TABLE, TelemetryVariable.TABLE)
        )
        return FunctionEnvironment("", "", regions, (registry, states), is_whole=False)


def _package(resources: ResourceSet, function: Resource) -> Package | None:
    """Return the package of a function by its handler, else by its variables."""
    if (package := package_of(resources, function)) in set(Package):
        return Package(package)
    names = variables_of(function).keys()
    if RegistryVariable.TABLE not in names:
        return Package.TELEMETRY if TelemetryVariable.TABLE in names else None
    if RegistryVariable.CHANGES_QUEUE in names:
        return Package.CAPTURE
    return Package.RECONCILE if RegistryVariable.RECONCILE_QUEUE in names else Package.APPLY

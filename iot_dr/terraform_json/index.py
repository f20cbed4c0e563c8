"""Indices of resources, by address and by id or ARN."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from iot_dr.terraform_json.attributes import identities, name_of
from iot_dr.terraform_json.expression import EACH_KEY, Step, literal
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.scope import Scope, as_index, without_key, without_keys
from iot_dr.terraform_json.stack_resources import StackResources

IndexedResource = tuple[int, Resource]
"""The number of a stack, and a resource of it."""


class Taken(NamedTuple):
    """What an argument takes: resources of these types, of any if empty; names are in `region`."""

    types: tuple[str, ...] = ()
    region: str | None = None


ANYTHING: Final = Taken()
"""A resource of any type in any region."""


class StackIndex:
    """Resources of one stack by address (`exact`), and instances by address without keys.

    A resource that exists after the plan takes precedence over a destroyed one of its address.
    """

    def __init__(self, stack: StackResources) -> None:
        self.exact: dict[str, Resource] = {}
        self._instances: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in stack.resources:
            if resource.exists or resource.address not in self.exact:
                self.exact[resource.address] = resource
        for address, resource in self.exact.items():
            # Once without the resource's own key, once also without the keys of its modules.
            for key in dict.fromkeys((without_key(address), without_keys(address))):
                if key != address:
                    self._instances[key].append(resource)

    def find(self, scope: Scope, name: str, key: Step | None) -> Sequence[Resource]:
        """Return the resource `name` as seen from `scope`: one, or all instances that it may be.

        Empty if the stack does not have it.
        """
        address, key = scope.module + name, scope.key if key == EACH_KEY else key
        if key is not None and (keyed := self.exact.get(address + as_index(key))):
            return (keyed,)
        if whole := self.exact.get(address):
            return (whole,)
        return self._instances.get(address) or self._instances.get(without_keys(address)) or ()


class Identities:
    """Resources by the ids and ARNs in plans and states."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._stacks = stacks
        self._typed: dict[str, Mapping[str, Sequence[IndexedResource]]] = {}

    def find(self, stack: int, value: str, taken: Taken) -> IndexedResource | None:
        """Return the resource with an id: one of this stack, else the only one in any stack.

        A managed resource takes precedence over data sources. None if there is not exactly one.
        """
        if taken.types:
            matches = [
                each for type_ in taken.types for each in self._of_type(type_).get(value, ())
            ]
        else:
            matches = list(self._by_id.get(value, ()))
        if not value.startswith("arn:"):
            matches = [each for each in matches if _may_be_in(each[1], taken.region)]
        for near in ([each for each in matches if each[0] == stack], matches):
            managed = [each for each in near if each[1].mode == "managed"] or near
            if len(managed) == 1:
                return managed[0]
        return None

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[IndexedResource]]:
        return _by_identity(each for typed in self._by_type.values() for each in typed)

    def _of_type(self, type_: str) -> Mapping[str, Sequence[IndexedResource]]:
        if type_ not in self._typed:
            # Names are the ids of many types: only an argument that takes the type has one.
            self._typed[type_] = _by_identity(self._by_type.get(type_, ()), name_of(type_))
        return self._typed[type_]

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[IndexedResource]]:
        resources: defaultdict[str, list[IndexedResource]] = defaultdict(list)
        for number, stack in enumerate(self._stacks):
            for resource in stack.resources:
                resources[resource.type].append((number, resource))
        return resources


def _may_be_in(resource: Resource, region: str | None) -> bool:
    """Whether a name in a region may be a resource's: names of a service are those of its region.

    A destroyed resource of the same name is another one.
    """
    is_here = is_global(resource.type) or None in {region, resource.region}
    return resource.exists and (is_here or resource.region == region)


def _by_identity(
    resources: Iterable[IndexedResource], *names: str
) -> Mapping[str, Sequence[IndexedResource]]:
    by_id: defaultdict[str, list[IndexedResource]] = defaultdict(list)
    for number, resource in resources:
        values = {
            literal(resource.values.get(each)) for each in (*identities(resource.type), *names)
        }
        for text in values - {None, ""}:
            assert text is not None  # noqa: S101 - see above
            by_id[text].append((number, resource))
    return by_id

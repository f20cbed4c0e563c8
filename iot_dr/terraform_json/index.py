"""The resources of a set, found by address and by what identifies them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from iot_dr.terraform_json.attributes import IDENTITIES
from iot_dr.terraform_json.expression import EACH_KEY, Step, literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.scope import Scope, as_index, without_key, without_keys
from iot_dr.terraform_json.stack_resources import StackResources

IndexedResource = tuple[int, Resource]
"""A resource with the number of its stack."""


class StackIndex:
    """The resources of one stack by address (`exact`), and their instances without keys.

    What a plan destroys gives way to what is there.
    """

    def __init__(self, stack: StackResources) -> None:
        self.exact: dict[str, Resource] = {}
        self._instances: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in stack.resources:
            if resource.exists or resource.address not in self.exact:
                self.exact[resource.address] = resource
        for address, resource in self.exact.items():
            # Without its own key alone, and without those of modules too: often the same.
            for key in dict.fromkeys((without_key(address), without_keys(address))):
                if key != address:
                    self._instances[key].append(resource)

    def find(self, place: Scope, name: str, key: Step | None) -> Sequence[Resource]:
        """Find the resource `name` as `place` sees it: one, or all the instances it may be."""
        address, key = place.module + name, place.key if key == EACH_KEY else key
        if key is not None and (keyed := self.exact.get(address + as_index(key))):
            return (keyed,)
        if whole := self.exact.get(address):
            return (whole,)
        return self._instances.get(address) or self._instances.get(without_keys(address)) or ()


class Identities:
    """Resources by the ids and ARNs that plans and states tell."""

    def __init__(self, stacks: Sequence[StackResources]) -> None:
        self._stacks = stacks

    def find(self, stack: int, value: str) -> IndexedResource | None:
        """Find what an id belongs to: of the own stack first, then the only one anywhere."""
        found = self._by_id.get(value, ())
        for near in ([each for each in found if each[0] == stack], found):
            managed = [each for each in near if each[1].mode == "managed"] or near
            if len(managed) == 1:
                return managed[0]
        return None

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[IndexedResource]]:
        found: defaultdict[str, list[IndexedResource]] = defaultdict(list)
        for number, stack in enumerate(self._stacks):
            for resource in stack.resources:
                told = {literal(resource.values.get(each)) for each in IDENTITIES}
                for text in told - {None, ""}:
                    assert text is not None  # noqa: S101 - see above
                    found[text].append((number, resource))
        return found

"""The health checks of a set, and what asks each of them, before and after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import mapping, text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

Key = tuple[str, str]
"""A resource's stack and address."""

# Checks that add up checks do not nest in AWS; a document may go round in circles.
_DEEPEST: Final = 32


class CheckSights:
    """Knows checks by what identifies them: an id, or the way to one that is not made yet."""

    def __init__(self, resources: ResourceSet, checks: Iterable[Resource]) -> None:
        self._by_identity: dict[str, Resource] = {}
        self._parents_before: defaultdict[Key, list[Resource]] = defaultdict(list)
        self._parents_after: defaultdict[Key, list[Resource]] = defaultdict(list)
        found = sorted(checks, key=key_of)
        for check in found:
            for identity in _identities(check):
                self._by_identity.setdefault(identity, check)
        for check in found:
            for child in texts(_before(check).get("child_healthchecks")):
                if known := self._by_identity.get(child):
                    self._parents_before[key_of(known)].append(check)
            if check.is_there:
                for child in _children(resources, check):
                    self._parents_after[key_of(child)].append(check)

    def find(self, identity: str) -> Resource | None:
        """Give the check that a record asks by this; None where it is not in the set."""
        return self._by_identity.get(identity)

    def words(self, identity: str) -> str:
        """Name the check that a record asks."""
        if not identity:
            return "no check"
        found = self.find(identity)
        return called(found) if found else "a check of elsewhere"

    def above(self, check: Resource, *, is_after: bool) -> Iterator[Key]:
        """Yield a check and all that add it up."""
        parents = self._parents_after if is_after else self._parents_before
        waiting, met = [key_of(check)], set[Key]()
        while waiting and len(met) < _DEEPEST:
            each = waiting.pop()
            if each not in met:
                met.add(each)
                yield each
                waiting += (key_of(parent) for parent in parents.get(each, ()))


def key_of(resource: Resource) -> Key:
    """Give what tells a resource from all others of a set."""
    return resource.stack, resource.address


def called(check: Resource) -> str:
    """Give a check's name: its tag, else that of its resource."""
    for values in (check.values, _before(check)):
        for tags in ("tags", "tags_all"):
            if name := text(mapping(values.get(tags)).get("Name")):
                return f"the health check {name}"
    return f"the health check {check.name}"


def _identities(check: Resource) -> Iterator[str]:
    for values in (_before(check), check.values):
        if known := text(values.get("id")):
            yield known
    yield f"{check.stack}/{check.address}.id"


def _before(check: Resource) -> Mapping[str, Any]:
    return (check.change.before if check.change else None) or {}


def _children(resources: ResourceSet, check: Resource) -> Iterator[Resource]:
    for child in texts(check.values.get("child_healthchecks")):
        yield from (each for each in resources.candidates(check, child) if each.type == CHECK)

"""Where DNS names lead: through records, to AWS IoT or to something else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from iot_dr.rules.support.aws_host import is_iot_host, region_of_host
from iot_dr.rules.support.known_name import is_known, known_name
from iot_dr.rules.support.record import Record, records
from iot_dr.rules.support.regional_stack import is_global
from iot_dr.terraform_json.expression import parts, texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_OF_ADDRESSES: Final = {None, "CNAME", "A", "AAAA"}
_DOMAIN: Final = "aws_iot_domain_configuration"

# No resolver follows so many records; a document may.
_MOST: Final = 256
_Target = tuple[Resource, str, Any]
"""A name, as it stands in an argument of a resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What a name leads to in the end; `region` is None where it is not known."""

    what: str
    region: str | None
    is_iot: bool


class Names:
    """The records and the IoT domain configurations of a set, by name."""

    def __init__(self, resources: ResourceSet) -> None:
        self._resources = resources
        self.records = tuple(records(resources))
        self._by_key = {record.key: record for record in self.records}
        self._ends: dict[tuple[str, str], tuple[End, ...]] = {}
        self._steps: dict[tuple[str, bool], tuple[Record | End, ...]] = {}
        self._public = _by_name(each for each in self.records if not each.zone.is_private)
        self._private = _by_name(each for each in self.records if each.zone.is_private)
        self._domains: dict[str, list[Resource]] = defaultdict(list)
        for domain in resources.of_type(_DOMAIN):
            if name := known_name(
                resources, domain, "domain_name", domain.values.get("domain_name")
            ):
                self._domains[name].append(domain)

    def record(self, resource: Resource) -> Record | None:
        """Give a resource as a record, None where it is none or goes away."""
        return self._by_key.get((resource.stack, resource.address))

    def domains(self, name: str) -> tuple[Resource, ...]:
        """Give the IoT domain configurations of a name."""
        return tuple(self._domains.get(name, ()))

    def steps(self, resource: Resource, argument: str, value: object) -> tuple[Record | End, ...]:
        """Follow a name in `argument` of a resource: each record once, and each end."""
        name = known_name(self._resources, resource, argument, value)
        if name is None or not is_known(name):
            return tuple(self._follow(resource, argument, value))
        # What a name leads to is the same for all that ask it, and thousands may.
        key = (name, self._sees_private(resource))
        if key not in self._steps:
            self._steps[key] = tuple(self._follow(resource, argument, value))
        return self._steps[key]

    def ends(self, record: Record) -> tuple[End, ...]:
        """Give what a record leads to in the end."""
        if record.key not in self._ends:
            found = (step for target in _targets(record) for step in self.steps(*target))
            self._ends[record.key] = tuple(
                dict.fromkeys(step for step in found if isinstance(step, End))
            )
        return self._ends[record.key]

    def below(self, record: Record) -> tuple[Record, ...]:
        """Give the records that an alias points at, none where they are not in the set."""
        if record.alias is None:
            return ()
        return self._records_at(record.resource, "alias", record.alias)

    def _follow(self, resource: Resource, argument: str, value: object) -> Iterator[Record | End]:
        waiting: list[_Target] = [(resource, argument, value)]
        seen = set[tuple[str, str]]()
        while waiting and len(seen) < _MOST:
            target = waiting.pop()
            at = self._records_at(*target)
            for record in at[:_MOST]:
                if record.key not in seen:
                    seen.add(record.key)
                    yield record
                    waiting += _targets(record)
            if not at and (end := self._end(*target)):
                yield end

    def _records_at(self, resource: Resource, argument: str, value: object) -> tuple[Record, ...]:
        is_private = self._sees_private(resource)
        name = known_name(self._resources, resource, argument, value)
        if name is not None and (named := self._named(name, is_private=is_private)):
            return named
        if not self._is_whole(resource, argument, value):
            return ()
        referred = self._resources.referred(resource, value)
        record = self.record(referred) if referred else None
        is_seen = record is not None and (is_private or not record.zone.is_private)
        return (record,) if record and is_seen else ()

    def _sees_private(self, resource: Resource) -> bool:
        """Tell whether it asks from within: checkers and public records never see in there."""
        asking = self.record(resource)
        return asking is not None and asking.zone.is_private

    def _named(self, name: str, *, is_private: bool) -> tuple[Record, ...]:
        """Give the records of a name that lead to addresses, as they are seen from a zone."""
        private = self._private.get(name, ()) if is_private else ()
        return private or self._public.get(name, ())

    def _end(self, resource: Resource, argument: str, value: object) -> End | None:
        name = known_name(self._resources, resource, argument, value)
        if name and is_iot_host(name):
            return End(what=name, region=region_of_host(name), is_iot=True)
        if name and (domains := self.domains(name)):
            regions = {domain.region for domain in domains}
            return End(what=name, region=regions.pop() if len(regions) == 1 else None, is_iot=True)
        referred = self._resources.referred(resource, value)
        if referred and self._is_whole(resource, argument, value) and _is_iot(referred):
            return End(what=referred.address, region=referred.region, is_iot=True)
        if name and is_known(name):
            return End(what=name, region=region_of_host(name), is_iot=False)
        if referred:
            return End(what=referred.address, region=_region(referred), is_iot=False)
        return None

    @staticmethod
    def _is_whole(resource: Resource, argument: str, value: object) -> bool:
        """Whether a value is one expression and no more: `mqtt.${...}` is another name."""
        return argument in resource.inferred or (
            isinstance(value, str) and value.startswith("${") and len(parts(value)) == 1
        )


@lru_cache(maxsize=1)
def names_of(resources: ResourceSet) -> Names:
    """Give the names of a set; rules that judge the same set share them."""
    return Names(resources)


def _by_name(records_: Iterable[Record]) -> dict[str, tuple[Record, ...]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records_:
        if record.name and record.type in _OF_ADDRESSES:
            found[record.name].append(record)
    return {name: tuple(named) for name, named in found.items()}


def _targets(record: Record) -> list[_Target]:
    resource = record.resource
    targets = [(resource, "records", each) for each in texts(resource.values.get("records"))]
    return targets if record.alias is None else [*targets, (resource, "alias", record.alias)]


def _is_iot(resource: Resource) -> bool:
    return resource.type == _DOMAIN or (
        resource.mode == "data" and resource.type == "aws_iot_endpoint"
    )


def _region(resource: Resource) -> str | None:
    """Give the region of what serves there; a distribution, say, is in its provider's by chance."""
    return None if is_global(resource.type) else resource.region

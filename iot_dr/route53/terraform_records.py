"""Records declared in Terraform, and the destinations of their names."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from iot_dr.route53.address_owners import address_owners
from iot_dr.route53.aws_host import is_iot_host, region_of_host
from iot_dr.route53.names import Names, is_of_addresses
from iot_dr.route53.record import Record
from iot_dr.route53.zone import ZONE, Zone, zone_of
from iot_dr.terraform_json.argument import (
    is_resolved_name,
    known_dns_name,
    may_be_true,
    resolved_upper,
    whole_number,
)
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.dns_name import dns_name, full_name
from iot_dr.terraform_json.expression import parts, texts
from iot_dr.terraform_json.json_value import Json, text
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

RECORD: Final = "aws_route53_record"
CHECK: Final = "aws_route53_health_check"

_DOMAIN: Final = "aws_iot_domain_configuration"
ROUTING_POLICY: Final = "_routing_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRecord(Record):
    """A record of a stack after the plan; its targets are DNS names, or ids of resources.

    An unresolved expression stays in a name, which then equals only itself.
    """

    zone: Zone
    resource: Resource = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The final destination of a name; `region` is None if unknown."""

    name: str
    region: str | None
    is_iot: bool


class DeclaredNames(Names[DeclaredRecord]):
    """The records of a set by name, and the destinations of names."""

    def __init__(self, resources: ResourceSet) -> None:
        self._resources = resources
        self._domains: defaultdict[str, list[Resource]] = defaultdict(list)
        for domain in resources.of_type(_DOMAIN):
            value = domain.values.get("domain_name")
            if name := known_dns_name(resources, domain, "domain_name", value):
                self._domains[name].append(domain)
        named = [(record, _name(resources, record)) for record in resources.of_type(RECORD)]
        self._known = {
            name
            for record, name in named
            if name
            and is_of_addresses(resolved_upper(resources, record, record.values.get("type")))
        }
        self._ids = {record.id for record, _ in named}
        # The argument in which a target first appears; describes a target without a record.
        self._origins: dict[str, tuple[Resource, str, Json]] = {}
        self._ends: dict[str, tuple[Destination, ...]] = {}
        self._steps: dict[tuple[str, bool], tuple[DeclaredRecord | Destination, ...]] = {}
        super().__init__(self._record(record, name) for record, name in named)

    def record_of(self, resource: Resource) -> DeclaredRecord | None:
        """Return the record that a resource declares, None if it is not one or is destroyed."""
        return self._by_id.get(resource.id)

    def target(self, resource: Resource, argument: str, value: Json) -> str | None:
        """Return what a value of `argument` leads to, or None if it is unknown.

        The id of a record in the set if the whole value refers to it; else a DNS name; else the id
        of another resource, with `/part` if the reference is only a part of the value.
        """
        name = known_dns_name(self._resources, resource, argument, value)
        if name in self._known:
            return self._noted(name, resource, argument, value)
        is_whole = _is_whole(resource, argument, value)
        referred = self._resources.referenced(resource, value) if is_whole or not name else None
        if referred and referred.id in self._ids and is_whole:
            name = referred.id
        elif referred and not name:
            # `mqtt.${...}` is not the name of the resource in the expression.
            name = referred.id if is_whole else f"{referred.id}/part"
        return self._noted(name, resource, argument, value) if name else None

    def steps(
        self, resource: Resource, argument: str, value: Json
    ) -> tuple[DeclaredRecord | Destination, ...]:
        """Return the records and destinations that a name in `argument` leads to, each once."""
        target = self.target(resource, argument, value)
        own = self.record_of(resource)
        return self.following(target, is_private=own.is_private if own else False)

    def destinations(self, record: DeclaredRecord) -> tuple[Destination, ...]:
        """Return the destinations of a record."""
        if record.id not in self._ends:
            steps = (
                step
                for target in record.targets
                for step in self.following(target, is_private=record.is_private)
            )
            self._ends[record.id] = tuple(
                dict.fromkeys(step for step in steps if isinstance(step, Destination))
            )
        return self._ends[record.id]

    def alias_targets(self, record: DeclaredRecord) -> tuple[DeclaredRecord, ...]:
        """Return the records of an alias's target, empty if they are not in the set."""
        return self.at(record.target, is_private=record.is_private) if record.is_alias else ()

    def aliased(self, records: Iterable[DeclaredRecord]) -> Iterator[DeclaredRecord]:
        """Yield the records of the targets of aliases; thousands of them may have one target."""
        aliases = {(each.target, each.is_private): each for each in records if each.is_alias}
        for record in aliases.values():
            yield from self.alias_targets(record)

    def following(
        self, target: str | None, *, is_private: bool
    ) -> tuple[DeclaredRecord | Destination, ...]:
        """Return the records and destinations that a target leads to, each once."""
        if target is None:
            return ()
        # Cached: thousands of records may have the same target.
        key = (target, is_private)
        if key not in self._steps:
            followed = self.follow([target], is_private=is_private)
            steps = (self._step(each, is_private=is_private) for each in followed)
            self._steps[key] = tuple(step for step in steps if step)
        return self._steps[key]

    def _step(
        self, followed: DeclaredRecord | str, *, is_private: bool
    ) -> DeclaredRecord | Destination | None:
        if not isinstance(followed, str):
            return followed
        return None if self.at(followed, is_private=is_private) else self._end(followed)

    def _noted(self, name: str, resource: Resource, argument: str, value: Json) -> str:
        self._origins.setdefault(name, (resource, argument, value))
        return name

    def _record(self, resource: Resource, name: str) -> DeclaredRecord:
        resources, values = self._resources, resource.values
        routing, policy = _routing(values)
        is_failover = routing == "failover"
        alias = block(values, "alias") or {}
        zone = zone_of(resources, resource)
        argument, leads_to = record_targets(resource)
        targets = (self.target(resource, argument, each) for each in leads_to)
        return DeclaredRecord(
            id=resource.id,
            name=name,
            type=resolved_upper(resources, resource, values.get("type")),
            routing=routing,
            side=resolved_upper(resources, resource, policy.get("type")) if is_failover else "",
            targets=tuple(target for target in targets if target),
            is_alias=argument == "alias",
            evaluates_target=may_be_true(alias.get("evaluate_target_health")),
            check=self._check(resource),
            ttl=whole_number(resources.resolve(resource, values.get("ttl"))),
            is_private=zone.is_private,
            zone=zone,
            resource=resource,
        )

    def _check(self, resource: Resource) -> str:
        value = resource.values.get("health_check_id")
        check = referenced_check(self._resources, resource, value)
        return check.id if check else str(value or "")

    def _end(self, target: str) -> Destination | None:
        resource, argument, value = self._origins[target]
        name = known_dns_name(self._resources, resource, argument, value)
        if name and is_iot_host(name):
            return Destination(name=name, region=region_of_host(name), is_iot=True)
        if name and (domains := self._domains.get(name)):
            regions = {domain.region for domain in domains}
            return Destination(
                name=name, region=regions.pop() if len(regions) == 1 else None, is_iot=True
            )
        referred = self._resources.referenced(resource, value)
        if referred and _is_whole(resource, argument, value) and _is_iot(referred):
            return Destination(name=referred.address, region=referred.region, is_iot=True)
        if name and is_resolved_name(name):
            owners = address_owners(self._resources).get(name) or [*filter(None, (referred,))]
            regions = {_region(owner) for owner in owners}
            region = region_of_host(name) or (regions.pop() if len(regions) == 1 else None)
            return Destination(name=name, region=region, is_iot=False)
        if referred:
            return Destination(name=referred.address, region=_region(referred), is_iot=False)
        return None


@lru_cache(maxsize=1)
def declared_names(resources: ResourceSet) -> DeclaredNames:
    """Return the names of a set, cached for all its callers."""
    return DeclaredNames(resources)


def referenced_check(resources: ResourceSet, resource: Resource, value: Json) -> Resource | None:
    """Return the health check whose id a value is; None if it is an ARN, which is too long.

    docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html (HealthCheckId): at
    most 64 characters.
    """
    check = resources.referenced(resource, value, CHECK)
    text_ = str(resources.resolve(resource, value))
    is_arn = text_.startswith("arn:") or (check and text_ == f"{check.id}.arn")
    return check if check and not is_arn else None


def record_targets(record: Resource) -> tuple[str, tuple[str, ...]]:
    """Return the argument with a record's targets, `alias` or `records`, and its values."""
    name = (block(record.values, "alias") or {}).get("name")
    if name is not None:
        return "alias", texts(name)
    return "records", texts(record.values.get("records"))


def record_in(values: Mapping[str, Json], id_: str = "") -> Record:
    """Return a record from the values of a state or one side of a plan, without unknown fields."""
    routing, policy = _routing(values)
    alias = block(values, "alias") or {}
    targets = texts(alias.get("name") or values.get("records"))
    return Record(
        id=id_,
        name=dns_name(text(values.get("fqdn")) or text(values.get("name"))),
        type=text(values.get("type")).upper(),
        routing=routing,
        side=text(policy.get("type")).upper(),
        targets=tuple(dns_name(target) for target in targets if target),
        is_alias=bool(alias.get("name")),
        evaluates_target=alias.get("evaluate_target_health") is True,
        check=text(values.get("health_check_id")),
        ttl=whole_number(values.get("ttl")),
    )


def _routing(values: Mapping[str, Json]) -> tuple[str, Mapping[str, Json]]:
    """Return the routing policy and its block; empty for a simple record."""
    if values.get("multivalue_answer_routing_policy") is True:
        return "multivalue_answer", {}
    for name in sorted(name for name in values if name.endswith(ROUTING_POLICY)):
        if (policy := block(values, name)) is not None:
            return name.removesuffix(ROUTING_POLICY), policy
    return "", {}


def _name(resources: ResourceSet, record: Resource) -> str:
    """Return a record's name, empty if unknown; `@` at the apex of a zone of unknown name."""
    argument = record.values.get("name")
    name = resources.resolve(record, argument)
    if known_dns_name(resources, record, "name", argument) is None or not isinstance(name, str):
        return ""
    # An unresolved reference, STACK/ADDRESS.ATTRIBUTE, is not a name in the zone.
    if name != argument and "/" in name:
        return name
    zone = resources.referenced(record, record.values.get("zone_id"), ZONE)
    zone_name = resources.resolve(zone, zone.values.get("name")) if zone else None
    return dns_name(full_name(name, zone_name)) or "@"


def _is_whole(resource: Resource, argument: str, value: Json) -> bool:
    """Whether a value is a single expression."""
    return argument in resource.inferred or (
        isinstance(value, str) and value.startswith("${") and len(parts(value)) == 1
    )


def _region(resource: Resource) -> str | None:
    """Return a resource's region; a global one, such as a distribution, is in none."""
    return None if is_global(resource.type) else resource.region


def _is_iot(resource: Resource) -> bool:
    return resource.type == _DOMAIN or (
        resource.mode == "data" and resource.type == "aws_iot_endpoint"
    )

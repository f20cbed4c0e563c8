"""A DNS record of Route 53, with its whole name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.resources.block import block
from iot_dr.resources.dns_name import dns_name
from iot_dr.resources.expression import literal
from iot_dr.resources.record_name import record_name
from iot_dr.resources.resource import Resource
from iot_dr.resources.resource_set import ResourceSet
from iot_dr.rules.argument import may_be_true, text_of

# What an instance of a resource is made from says nothing about another resource's instances.
_OF_INSTANCE: Final = re.compile(r"\b(?:each|count|self)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record: `name` is whole and without final dot, None where it is not known.

    A name with an expression that leads nowhere stays as text: it equals itself. `side` is the
    role in a failover pair, None where that is not known or `is_failover` is false. `zone` tells
    zones apart, `zone_name` is known where the zone is.
    """

    resource: Resource
    name: str | None
    type: str | None
    zone: str
    zone_name: str | None
    is_failover: bool
    side: str | None
    alias: Any
    evaluates_target: bool

    @property
    def key(self) -> tuple[str, str]:
        """The stack and address of the resource."""
        return self.resource.stack, self.resource.address


def records(resources: ResourceSet) -> Iterator[Record]:
    """Give the records that are there after the change."""
    for resource in resources.of_type("aws_route53_record"):
        values = resource.values
        policy = block(values, "failover_routing_policy")
        alias = block(values, "alias") or {}
        yield Record(
            resource=resource,
            name=_name(resources, resource),
            type=_upper(resources, resource, values.get("type")),
            zone=str(resources.resolve(resource, values.get("zone_id"))),
            zone_name=_zone_name(resources, resource),
            is_failover=policy is not None,
            side=_upper(resources, resource, policy.get("type")) if policy else None,
            alias=alias.get("name"),
            evaluates_target=may_be_true(alias.get("evaluate_target_health")),
        )


def known_name(
    resources: ResourceSet, resource: Resource, argument: str, value: object
) -> str | None:
    """Give the DNS name that a value of `argument` stands for, None where it may be only a part."""
    resolved = resources.resolve(resource, value)
    if argument in resource.inferred or not isinstance(resolved, str):
        return None
    if not is_known(resolved) and _OF_INSTANCE.search(resolved):
        return None
    return dns_name(resolved)


def is_known(name: str) -> bool:
    """Tell whether a name is one of DNS, and not a reference that leads nowhere."""
    return literal(name) is not None and "/" not in name


def _name(resources: ResourceSet, resource: Resource) -> str | None:
    argument = resource.values.get("name")
    if argument is None or known_name(resources, resource, "name", argument) is None:
        return None
    return record_name(resources, resource)


def _zone_name(resources: ResourceSet, resource: Resource) -> str | None:
    zone = resources.referred(resource, resource.values.get("zone_id"))
    if zone is None or zone.type != "aws_route53_zone":
        return None
    return known_name(resources, zone, "name", zone.values.get("name"))


def _upper(resources: ResourceSet, resource: Resource, value: object) -> str | None:
    text = text_of(resources, resource, value)
    return text.upper() if text else None

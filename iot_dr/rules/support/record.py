"""A DNS record of Route 53, with its whole name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iot_dr.rules.support.argument import may_be_true, text_of
from iot_dr.rules.support.known_name import known_name
from iot_dr.rules.support.zone import Zone, zone_of
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.record_name import record_name
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record: `name` is whole and without final dot, None where it is not known.

    A name with an expression that leads nowhere stays as text: it equals itself. `side` is the
    role in a failover pair, None where that is not known or `is_failover` is false.
    """

    resource: Resource
    name: str | None
    type: str | None
    zone: Zone
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
            zone=zone_of(resources, resource),
            is_failover=policy is not None,
            side=_upper(resources, resource, policy.get("type")) if policy else None,
            alias=alias.get("name"),
            evaluates_target=may_be_true(alias.get("evaluate_target_health")),
        )


def _name(resources: ResourceSet, resource: Resource) -> str | None:
    argument = resource.values.get("name")
    if argument is None or known_name(resources, resource, "name", argument) is None:
        return None
    return record_name(resources, resource)


def _upper(resources: ResourceSet, resource: Resource, value: object) -> str | None:
    text = text_of(resources, resource, value)
    return text.upper() if text else None

"""A DNS record as a plan finds it, or as it leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.route53.terraform_records import names_of
from iot_dr.terraform_json.argument import known_name
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

RECORD: Final = "aws_route53_record"

OF_ADDRESSES: Final = frozenset(("", "A", "AAAA", "CNAME"))
"""The types of records that lead to something; empty for a type that is not known yet."""

_POLICY: Final = "_routing_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSight:
    """A record: names are in the form in which they compare, and empty where they are not known.

    `routing` is its policy, such as `failover` or `weighted`, empty for the only record of a name;
    `side` is `PRIMARY` or `SECONDARY`, else empty; `check` identifies the health check it asks.
    """

    name: str
    type: str
    routing: str
    side: str
    targets: tuple[str, ...]
    alias: str
    check: str

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The names that it leads to."""
        return (self.alias,) if self.alias else self.targets


def before(resource: Resource) -> RecordSight | None:
    """Give a record as the plan finds it, None where it is not there yet."""
    if resource.change is None or resource.change.before is None:
        return None
    # Read once: a large plan makes a mapping anew each time it is asked.
    values = dict(resource.change.before)
    alias = block(values, "alias") or {}
    return _sight(
        values,
        name=dns_name(text(values.get("fqdn")) or text(values.get("name"))),
        side=text((block(values, "failover_routing_policy") or {}).get("type")),
        targets=tuple(dns_name(each) for each in texts(values.get("records"))),
        alias=dns_name(text(alias.get("name"))),
        check=text(values.get("health_check_id")),
    )


def after(resources: ResourceSet, resource: Resource) -> RecordSight | None:
    """Give a record as the plan leaves it, None where it goes."""
    record = names_of(resources).record(resource)
    if record is None:
        return None
    values = dict(resource.values)
    alias = block(values, "alias") or {}
    named = (
        known_name(resources, resource, "records", each) for each in texts(values.get("records"))
    )
    return _sight(
        values,
        name=record.name or "",
        side=record.side or "",
        targets=tuple(each for each in named if each),
        alias=known_name(resources, resource, "alias", alias.get("name")) or "",
        check=text(resources.resolve(resource, values.get("health_check_id"))),
    )


def _sight(  # noqa: PLR0913 - each is another argument of the record
    values: Mapping[str, Any],
    *,
    name: str,
    side: str,
    targets: tuple[str, ...],
    alias: str,
    check: str,
) -> RecordSight:
    return RecordSight(
        name=name,
        type=text(values.get("type")).upper(),
        routing=_routing(values),
        side=side.upper(),
        targets=targets,
        alias=alias,
        check=check,
    )


def _routing(values: Mapping[str, Any]) -> str:
    """Give the policy by which a name's records share its answers, empty where it has one alone."""
    if values.get("multivalue_answer_routing_policy") is True:
        return "multivalue"
    policies = (name for name in sorted(values) if name.endswith(_POLICY) and block(values, name))
    return next((name.removesuffix(_POLICY) for name in policies), "")

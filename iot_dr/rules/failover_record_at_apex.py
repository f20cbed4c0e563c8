"""A failover record at a zone's apex, or an alias to AWS IoT, which Route 53 does not support."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-record-at-apex"


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    names = declared_names(resources)
    for record in names.records:
        if message := _message(names, record):
            yield finding_at(record.resource, _ID, message)


def _message(names: DeclaredNames, record: DeclaredRecord) -> str | None:
    if record.is_alias and not names.alias_targets(record) and _leads_to_iot(names, record):
        return (
            "an alias cannot point to AWS IoT, which is not an alias target of Route 53. Use a"
            " CNAME on a name below the apex, such as mqtt.<zone>."
        )
    if not record.name or record.name != record.zone.name:
        return None
    if record.type == "CNAME" and (record.is_failover or _leads_to_iot(names, record)):
        return (
            f"a CNAME is not allowed at {shown(record)}, the apex of its zone, which has SOA and NS"
            " records; the same applies to the zone of a subdomain. Use a name below it, such as"
            f" mqtt.{shown(record)}."
        )
    if record.is_failover and _leads_to_iot(names, record):
        return (
            f"{shown(record)} is the apex of its zone, and AWS IoT is reached only through a CNAME,"
            f" which is not allowed there. Use a name below it, such as mqtt.{shown(record)}."
        )
    return None


def _leads_to_iot(names: DeclaredNames, record: DeclaredRecord) -> bool:
    return any(end.is_iot for end in names.destinations(record))


RULE: Final = Rule(
    id=_ID,
    title="No failover record at the apex of its zone",
    why="AWS IoT has a host name per account, not an address, and Route 53 supports no alias to it,"
    " so a CNAME is the only option. A CNAME is not allowed at the apex of a zone, which always has"
    " SOA and NS records: the device name needs its own label.",
    source="RFC 1034, 3.6.2;"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-choosing-alias-non-alias.html",
    find=_find,
)

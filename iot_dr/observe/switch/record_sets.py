"""Record sets of Route 53 at one name, in the form of its API."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, cast

from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.terraform_json.dns_name import dns_name
from modules.global_region import GLOBAL_REGION

RecordSet: TypeAlias = Mapping[str, Any]
"""docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html"""

_CNAME: Final = "CNAME"


class DeviceRecordsError(UserError):
    """The device name has records that a cut-over cannot replace."""


def records_at(clients: Clients, zone_id: str, name: str) -> tuple[RecordSet, ...]:
    """Return all record sets of a name; raises AwsError.

    Route 53 lists them from the name on, in the order of names:
    docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html.
    """
    answer = clients.call(
        "route53",
        GLOBAL_REGION,
        "list_resource_record_sets",
        HostedZoneId=zone_id,
        StartRecordName=name,
    )
    listed = cast("list[RecordSet]", answer["ResourceRecordSets"])
    return tuple(each for each in listed if dns_name(each["Name"]) == name)


def are_equal(first: Iterable[RecordSet], other: Iterable[RecordSet]) -> bool:
    """Whether two sets of records answer alike, however names are written."""
    return _comparable(first) == _comparable(other)


def _comparable(records: Iterable[RecordSet]) -> list[str]:
    return sorted(json.dumps(_normal(record), sort_keys=True) for record in records)


def _normal(record: RecordSet) -> dict[str, Any]:
    normal = {key: value for key, value in record.items() if value not in (None, [], {})}
    normal["Name"] = dns_name(record["Name"])
    if values := targets(record):
        normal["ResourceRecords"] = sorted(map(dns_name, values))
    if alias := record.get("AliasTarget"):
        normal["AliasTarget"] = {**alias, "DNSName": dns_name(alias["DNSName"])}
    return normal


def targets(record: RecordSet) -> list[str]:
    """Return the values of a record set; empty for an alias."""
    return [str(each["Value"]) for each in record.get("ResourceRecords") or ()]


def simple_cname(name: str, records: Iterable[RecordSet]) -> RecordSet:
    """Return a name's one CNAME record, without a routing policy; raises DeviceRecordsError."""
    records = list(records)
    if not records:
        message = (
            f"{name} has no record of its own in the zone; if devices reach it, a wildcard record"
            " or a delegation answers. Create a CNAME record of it with the same target first"
        )
        raise DeviceRecordsError(message)
    problem = ""
    for record in records:
        if record["Type"] != _CNAME:
            problem = f"a record of type {plain(record['Type'])}"
        elif record.get("AliasTarget"):
            problem = "an alias"
        elif record.get("TrafficPolicyInstanceId"):
            # docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html: the
            # policy would not be deleted with its record, which a batch cannot give back to it.
            problem = "a record of a traffic policy"
        elif record.get("Failover"):
            message = (
                f"{name} has failover records. If `iot-dr adopt cut-over` created them, set"
                " existing.cut_over: true and review the plan, or restore the old record with"
                " `iot-dr adopt back`"
            )
            raise DeviceRecordsError(message)
        elif record.get("SetIdentifier"):
            problem = f"a record with a routing policy ({plain(record['SetIdentifier'])})"
        if problem:
            message = (
                f"{name} has {problem}; a cut-over replaces one simple CNAME record. Replace it,"
                " in one change batch, by a CNAME record that leads to the region's endpoint first"
            )
            raise DeviceRecordsError(message)
    return records[0]


def described(record: RecordSet) -> str:
    """Return a record set on one line, safe to print."""
    side = f" {plain(record['Failover'])}" if record.get("Failover") else ""
    if alias := record.get("AliasTarget"):
        return f"CNAME{side} alias {plain(dns_name(alias['DNSName']))}"
    values = ", ".join(plain(dns_name(value)) for value in targets(record))
    check = (
        f", health check {plain(record['HealthCheckId'])}" if record.get("HealthCheckId") else ""
    )
    return f"CNAME{side} {values}, TTL {record['TTL']} s{check}"

"""A name that is seven failover aliases away from its answer, as with five regions."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from dns.exception import DNSException

from iot_dr.acceptance.probes.probe import RefutedError, probe_name, remove_resource
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools
from iot_dr.common.waiting import WaitTimeoutError
from modules.global_region import GLOBAL_REGION

LEVELS: Final = 7
"""Nested names of five regions: docs/adr/0039-two-alarms-for-three-regions.md."""

_TTL: Final = 10
_ANSWERED_WITHIN: Final = 5.0


def observe(tools: RunTools) -> Evidence:
    """Create the chain in an undelegated zone of its own; ask its name servers for the top.

    Each PRIMARY has a check that is always unhealthy, so every alias is followed.
    """
    call = partial(tools.clients.call, "route53", GLOBAL_REGION)
    zone = _zone_name(tools)
    made = call("create_hosted_zone", Name=zone, CallerReference=_reference(tools))
    # A disabled and inverted check is unhealthy (Disabled):
    # docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    unhealthy = {"Type": "TCP", "FullyQualifiedDomainName": zone, "Port": 443}
    unhealthy |= {"Disabled": True, "Inverted": True}
    check = call(
        "create_health_check", CallerReference=_reference(tools), HealthCheckConfig=unhealthy
    )
    id_ = made["HostedZone"]["Id"]
    for record in _records(zone, id_, check["HealthCheck"]["Id"]):
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        call("change_resource_record_sets", HostedZoneId=id_, ChangeBatch=change)
    servers: list[str] = made["DelegationSet"]["NameServers"]
    expected = f"answer.{zone}"

    def missing() -> str:
        for server in servers:
            try:
                answer = tools.answer(server, f"level{LEVELS}.{zone}")
            except (DNSException, OSError) as error:
                return f"{server}: {error}"
            if answer.rstrip(".") != expected:
                return f"{server} answers {answer or 'nothing'}"
        return ""

    try:
        seconds = tools.wait(missing, _ANSWERED_WITHIN)
    except WaitTimeoutError as error:
        if " answers " in str(error):
            raise RefutedError(f"a chain of {LEVELS} aliases: {error}") from error
        raise
    return {"levels": str(LEVELS), "name servers": str(len(servers)), "after": f"{seconds:.0f} s"}


def remove(tools: RunTools) -> None:
    """Remove the records, the zone and the check of this environment's probe."""
    for id_ in _zones(tools):
        listed = tools.clients.call(
            "route53", GLOBAL_REGION, "list_resource_record_sets", HostedZoneId=id_
        )
        own = [each for each in listed["ResourceRecordSets"] if each["Type"] not in {"NS", "SOA"}]
        if own:
            changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in own]
            arguments = {"HostedZoneId": id_, "ChangeBatch": {"Changes": changes}}
            remove_resource(
                tools, "route53", GLOBAL_REGION, "change_resource_record_sets", **arguments
            )
        remove_resource(tools, "route53", GLOBAL_REGION, "delete_hosted_zone", Id=id_)
    for check in _checks(tools):
        remove_resource(tools, "route53", GLOBAL_REGION, "delete_health_check", HealthCheckId=check)


def _zones(tools: RunTools) -> list[str]:
    zone = _zone_name(tools)
    zones = tools.clients.call("route53", GLOBAL_REGION, "list_hosted_zones_by_name", DNSName=zone)
    return [each["Id"] for each in zones["HostedZones"] if each["Name"].rstrip(".") == zone]


def _checks(tools: RunTools) -> list[str]:
    zone, checks, more = _zone_name(tools), list[str](), dict[str, str]()
    while True:
        page = tools.clients.call("route53", GLOBAL_REGION, "list_health_checks", **more)
        checks += [
            check["Id"]
            for check in page["HealthChecks"]
            if check["HealthCheckConfig"].get("FullyQualifiedDomainName") == zone
        ]
        if not page.get("IsTruncated"):
            return checks
        more = {"Marker": page["NextMarker"]}


def _zone_name(tools: RunTools) -> str:
    return f"{probe_name(tools)}.{tools.settings.zone_name}"


def _reference(tools: RunTools) -> str:
    return f"{probe_name(tools)}-{tools.clock.now():.0f}"


def _records(zone: str, zone_id: str, check: str) -> Iterator[dict[str, Any]]:
    """Yield the records of all levels, each after its alias's target."""
    for level in range(LEVELS + 1):
        name = f"level{level}.{zone}"
        failover = {"Name": name, "Type": "CNAME"}
        dead = {"TTL": _TTL, "ResourceRecords": [{"Value": f"dead.{zone}"}]}
        primary = {"SetIdentifier": "primary", "Failover": "PRIMARY", "HealthCheckId": check}
        yield {**failover, **primary, **dead}
        below = {"HostedZoneId": zone_id.rpartition("/")[2], "DNSName": f"level{level - 1}.{zone}"}
        answer = {"TTL": _TTL, "ResourceRecords": [{"Value": f"answer.{zone}"}]}
        leads = {"AliasTarget": {**below, "EvaluateTargetHealth": True}} if level else answer
        yield {**failover, "SetIdentifier": "secondary", "Failover": "SECONDARY", **leads}

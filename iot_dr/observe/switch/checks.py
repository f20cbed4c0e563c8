"""Health checks of the regions, found in Route 53 without Terraform's state."""

from collections.abc import Iterator, Mapping
from typing import Any

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.switch.metric import alarm_name
from modules.global_region import GLOBAL_REGION

Check = Mapping[str, Any]


def find_check_ids(settings: Settings, clients: Clients) -> dict[str, dict[str, str]]:
    """Return the ids of the existing `tcp` and `deep` checks by region.

    TCP checks are found by their domain name; a region without one is missing. A region's two
    CALCULATED checks share its switch as a child, one of them with the TCP check and the other with
    the deep check. Raises AwsError if us-east-1 does not answer or refuses.
    """
    checks = {check["Id"]: check["HealthCheckConfig"] for check in list_checks(clients)}
    children = [
        frozenset(check["ChildHealthChecks"])
        for check in checks.values()
        if check["Type"] == "CALCULATED"
    ]
    ids: dict[str, dict[str, str]] = {}
    for region in settings.regions:
        name = settings.regional_name(region)
        for tcp, check in checks.items():
            if check["Type"] == "TCP" and check.get("FullyQualifiedDomainName") == name:
                ids[region] = {"tcp": tcp, **_deep(tcp, checks, children)}
    return ids


def remove_switch_check(
    settings: Settings, clients: Clients, region: str, alarm_region: str
) -> tuple[str, ...]:
    """Remove the check of a switch's alarm in a region from the calculated checks that use it.

    Route 53 then no longer evaluates that alarm. Returns the ids of the changed checks, none if it
    was removed before. Terraform adds the check again when it applies the entry point. Raises
    AwsError if us-east-1 does not answer or refuses, or if somebody else changed a check.

    docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html.
    """
    alarm = {"Region": alarm_region, "Name": alarm_name(settings, region)}
    checks = {check["Id"]: check for check in list_checks(clients)}
    switches = {
        id_
        for id_, check in checks.items()
        if check["HealthCheckConfig"].get("AlarmIdentifier") == alarm
    }
    changed = list[str]()
    for id_, check in checks.items():
        children = check["HealthCheckConfig"].get("ChildHealthChecks", ())
        if rest := [child for child in children if child not in switches]:
            if len(rest) == len(children):
                continue
            clients.call(
                "route53",
                GLOBAL_REGION,
                "update_health_check",
                HealthCheckId=id_,
                # Refused if somebody has changed the check since it was read.
                HealthCheckVersion=check["HealthCheckVersion"],
                ChildHealthChecks=rest,
                HealthThreshold=len(rest),
            )
            changed.append(id_)
    return tuple(changed)


def _deep(tcp: str, checks: Mapping[str, Check], children: list[frozenset[str]]) -> dict[str, str]:
    tcp_siblings = {check for pair in children if tcp in pair for check in pair}
    switch_siblings = {check for pair in children if pair & tcp_siblings for check in pair}
    deep = [check for check in switch_siblings if checks.get(check, {}).get("Type") == "HTTPS"]
    return {"deep": deep[0]} if len(deep) == 1 else {}


def list_checks(clients: Clients) -> Iterator[Check]:
    """Yield every health check of the account; raises AwsError."""
    marker: dict[str, str] = {}
    while True:
        page = clients.call("route53", GLOBAL_REGION, "list_health_checks", **marker)
        yield from page["HealthChecks"]
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["NextMarker"]}

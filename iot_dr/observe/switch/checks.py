"""Health checks of the regions, found in Route 53 without Terraform's state."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients

ROUTE53_REGION: Final = "us-east-1"
"""The region of Route 53's API: docs.aws.amazon.com/general/latest/gr/r53.html."""

Check = Mapping[str, Any]

# Bounds the requests of one lookup; Route 53 takes five a second from an account:
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
_MOST_PAGES: Final = 10


def find_check_ids(settings: Settings, clients: Clients) -> dict[str, dict[str, str]]:
    """Return the ids of the existing `tcp` and `deep` checks by region.

    TCP checks are found by their domain name; a region without one is missing. A region's two
    CALCULATED checks share its switch as a child, one of them with the TCP check and the other with
    the deep check. Raises AwsError if us-east-1 does not answer or refuses.
    """
    checks = {check["Id"]: check["HealthCheckConfig"] for check in _checks(clients)}
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


def _deep(tcp: str, checks: Mapping[str, Check], children: list[frozenset[str]]) -> dict[str, str]:
    tcp_siblings = {check for pair in children if tcp in pair for check in pair}
    switch_siblings = {check for pair in children if pair & tcp_siblings for check in pair}
    deep = [check for check in switch_siblings if checks.get(check, {}).get("Type") == "HTTPS"]
    return {"deep": deep[0]} if len(deep) == 1 else {}


def _checks(clients: Clients) -> Iterator[Check]:
    marker: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        page = clients.call("route53", ROUTE53_REGION, "list_health_checks", **marker)
        yield from page["HealthChecks"]
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["NextMarker"]}

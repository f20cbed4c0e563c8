"""The health checks of the regions, found in Route 53 without any Terraform state."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients

ROUTE53_REGION: Final = "us-east-1"
"""Where Route 53's API is."""

Check = Mapping[str, Any]

_MOST_PAGES: Final = 10


def check_ids(settings: Settings, clients: Clients) -> dict[str, dict[str, str]]:
    """Give the ids of the `tcp` and `deep` checks by region, as far as there are such.

    TCP's are known by their name. A region's two CALCULATED checks have its switch in common, one
    beside TCP and the other beside deep. Raises AwsError when us-east-1 does not tell.
    """
    checks = {check["Id"]: check["HealthCheckConfig"] for check in _checks(clients)}
    children = [
        frozenset(check["ChildHealthChecks"])
        for check in checks.values()
        if check["Type"] == "CALCULATED"
    ]
    found: dict[str, dict[str, str]] = {}
    for region in settings.regions:
        name = settings.regional_name(region)
        for tcp, check in checks.items():
            if check["Type"] == "TCP" and check.get("FullyQualifiedDomainName") == name:
                found[region] = {"tcp": tcp, **_deep(tcp, checks, children)}
    return found


def _deep(tcp: str, checks: Mapping[str, Check], children: list[frozenset[str]]) -> dict[str, str]:
    beside_tcp = {check for pair in children if tcp in pair for check in pair}
    beside_switch = {check for pair in children if pair & beside_tcp for check in pair}
    deep = [check for check in beside_switch if checks.get(check, {}).get("Type") == "HTTPS"]
    return {"deep": deep[0]} if len(deep) == 1 else {}


def _checks(clients: Clients) -> Iterator[Check]:
    marker: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        page = clients.call("route53", ROUTE53_REGION, "list_health_checks", **marker)
        yield from page["HealthChecks"]
        if not page.get("IsTruncated"):
            return
        marker = {"Marker": page["NextMarker"]}

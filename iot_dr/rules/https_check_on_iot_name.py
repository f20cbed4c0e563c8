"""A check by HTTP or HTTPS on a name of AWS IoT, which never passes."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import CHECK, Destination, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.argument import may_be_true, resolved_text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "https-check-on-iot-name"
_TYPES: Final = {"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH"}
_WHY: Final = (
    "AWS IoT answers 403 to whoever has no credentials, and Route 53 has none and wants a status of"
    " 2xx or 3xx. So the check is unhealthy for ever, in every region; with both sides unhealthy"
    " Route 53 answers with the PRIMARY, and a failover never happens."
)
_INSTEAD: Final = (
    "Check TCP port 8883 of the regional name, or by HTTPS a function of that region which itself"
    " publishes a message with credentials."
)


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    for check in resources.of_type(CHECK):
        kind = (resolved_text(resources, check, check.values.get("type")) or "").upper()
        # With an address of its own the check asks that, and the name is only told to it.
        if kind not in _TYPES or check.values.get("ip_address"):
            continue
        if end := _iot_end(resources, check):
            yield finding_at(check, _ID, _message(check, kind, end))


def _iot_end(resources: ResourceSet, check: Resource) -> Destination | None:
    steps = declared_names(resources).steps(check, "fqdn", check.values.get("fqdn"))
    return next((step for step in steps if isinstance(step, Destination) and step.is_iot), None)


def _message(check: Resource, kind: str, end: Destination) -> str:
    asks = f"this check asks AWS IoT by {kind.partition('_')[0]} ({end.name}) and never fails over"
    if may_be_true(check.values.get("invert_healthcheck")):
        return (
            f"{asks}: IoT answers 403 to a caller without credentials, which `invert_healthcheck`"
            f" turns into healthy, and an outage into healthy just as well. {_INSTEAD}"
        )
    return (
        f"{asks}: IoT answers 403 to a caller without credentials, so the check is unhealthy for"
        " ever, in every region, and with both sides unhealthy Route 53 answers with the PRIMARY."
        f" {_INSTEAD}"
    )


RULE: Final = Rule(
    id=_ID,
    title="No health check by HTTP or HTTPS on a name of AWS IoT",
    why=_WHY,
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-determining-health-of-endpoints.html and, below it, dns-failover-types.html;"
    " the 403 is told by users, not by AWS's documents",
    find=_find,
)

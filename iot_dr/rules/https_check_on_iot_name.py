"""An HTTP or HTTPS health check on an AWS IoT endpoint, which never passes."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.check import HTTP_TYPES
from iot_dr.route53.terraform_records import CHECK, Destination, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.argument import may_be_true, resolved_upper
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "https-check-on-iot-name"
_WHY: Final = (
    "AWS IoT answers 403 to a caller without credentials; Route 53 has none, and requires a status"
    " of 2xx or 3xx. So the check is always unhealthy, in every region. With both records"
    " unhealthy, Route 53 answers with the PRIMARY, and a failover never happens."
)
_INSTEAD: Final = (
    "Check TCP port 8883 of the regional name, or an HTTPS endpoint of a function in that region"
    " that publishes a message with credentials."
)


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for check in resources.of_type(CHECK):
        kind = resolved_upper(resources, check, check.values.get("type"))
        # With `ip_address`, the check connects there and sends the name as Host header and SNI
        # (docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html,
        # FullyQualifiedDomainName).
        if kind not in HTTP_TYPES or check.values.get("ip_address"):
            continue
        steps = declared_names(resources).steps(check, "fqdn", check.values.get("fqdn"))
        ends = [step.name for step in steps if isinstance(step, Destination) and step.is_iot]
        if ends:
            yield finding_at(check, _ID, _message(check, kind, " and ".join(ends)))


def _message(check: Resource, kind: str, ends: str) -> str:
    protocol = kind.partition("_")[0]
    problem = f"this {protocol} check on AWS IoT ({ends}) never fails over"
    if may_be_true(check.values.get("invert_healthcheck")):
        return (
            f"{problem}: IoT answers 403 to a caller without credentials, which"
            f" `invert_healthcheck` reports as healthy, and an outage as healthy too. {_INSTEAD}"
        )
    return (
        f"{problem}: IoT answers 403 to a caller without credentials, so the check is always"
        " unhealthy, in every region, and with both records unhealthy Route 53 answers with the"
        f" PRIMARY. {_INSTEAD}"
    )


RULE: Final = Rule(
    id=_ID,
    title="No HTTP or HTTPS health check on an AWS IoT endpoint",
    why=_WHY,
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-determining-health-of-endpoints.html and dns-failover-types.html; the 403 is"
    " reported by users, not documented by AWS",
    find=_find,
)

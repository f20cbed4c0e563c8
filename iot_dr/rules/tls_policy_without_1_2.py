"""A TLS policy of an IoT name that its health check does not support, or that is obsolete."""

import re
from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.check import HTTPS_TYPES
from iot_dr.route53.terraform_records import CHECK, declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import known_dns_name, resolved_text, resolved_upper
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "tls-policy-without-1-2"
# IoTSecurityPolicy_TLS13_1_2_2022_10: the highest version, the lowest, and the policy's date
# (docs.aws.amazon.com/iot/latest/developerguide/iot-endpoints-tls-config.html).
_POLICY: Final = re.compile(r"IoTSecurityPolicy_TLS\d+_1_(\d)_\d{4}_\d\d")
_LAST_OF_ROUTE53: Final = 2


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    checked = _checked_names(resources)
    for domain in resources.of_type("aws_iot_domain_configuration"):
        tls = block(domain.values, "tls_config") or {}
        policy = resolved_text(resources, domain, tls.get("security_policy")) or ""
        match = _POLICY.fullmatch(policy)
        if match is None:
            continue
        lowest = int(match.group(1))
        name = known_dns_name(resources, domain, "domain_name", domain.values.get("domain_name"))
        if lowest > _LAST_OF_ROUTE53 and name in checked:
            yield finding_at(domain, _ID, _too_new(policy, name, checked[name]))
        if lowest < _LAST_OF_ROUTE53:
            yield finding_at(
                domain,
                _ID,
                f"{policy} accepts TLS 1.0 and 1.1, which are deprecated (RFC 8996). Use"
                " IoTSecurityPolicy_TLS13_1_2_2022_10, which still supports devices with TLS 1.2.",
                Verdict.WARN,
            )


def _checked_names(resources: ResourceSet) -> dict[str | None, Resource]:
    """Return the names that HTTPS checks use, directly or through records, each with one check."""
    names, checked = declared_names(resources), dict[str | None, Resource]()
    for check in resources.of_type(CHECK):
        if resolved_upper(resources, check, check.values.get("type")) in HTTPS_TYPES:
            value = check.values.get("fqdn")
            checked.setdefault(known_dns_name(resources, check, "fqdn", value), check)
            for step in names.steps(check, "fqdn", value):
                checked.setdefault(step.name, check)
    checked.pop(None, None)
    return checked


def _too_new(policy: str, name: str | None, check: Resource) -> str:
    return (
        f"{policy} accepts only TLS 1.3, and the HTTPS check {check.address} uses {name}:"
        " Route 53 supports TLS 1.0 to 1.2, so the handshake fails and the check is always"
        " unhealthy. Use IoTSecurityPolicy_TLS13_1_2_2022_10, or a TCP check."
    )


RULE: Final = Rule(
    id=_ID,
    title="TLS 1.2 on IoT names with HTTPS checks",
    why="Route 53's HTTPS checks support TLS 1.0 to 1.2. A name that accepts only 1.3 rejects them,"
    " and the region is always unhealthy; TCP checks and canary functions, which support 1.3, are"
    " not affected. Policies that accept TLS 1.0 or 1.1 are a warning.",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html, Type;"
    " docs.aws.amazon.com/iot/latest/developerguide/transport-security.html;"
    " RFC 8996 for TLS 1.0 and 1.1",
    find=_find,
)

"""A health check that can never pass, whatever its endpoint does."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.check_request import endpoint_of
from iot_dr.design.check_server import server_problem, undecided_server
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.notes import Notes
from iot_dr.design.probes import read_probe
from iot_dr.design.sites import zone_without
from iot_dr.route53.aws_host import is_iot_host
from iot_dr.route53.check import ENDPOINT_TYPES
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, is_used, shown_use
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "check-never-passes"


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    for check in declared_checks(resources).values():
        if check.type not in ENDPOINT_TYPES:
            continue
        if problem := _problem(resources, check):
            in_use = is_used(resources, check.id)
            consequence = (
                ", and the record that uses it is never answered while another one is healthy."
                if in_use
                else f"; {shown_use(is_used=in_use)}."
            )
            yield finding_at(
                check.resource,
                _ID,
                f"{problem}, so it is always unhealthy{consequence}",
                Verdict.BLOCK if in_use else Verdict.WARN,
            )
        elif unknown := _without_record(resources, check):
            yield finding_at(check.resource, _ID, unknown, Verdict.WARN)


def _not_judged(resources: ResourceSet) -> Iterator[str]:
    checks = declared_checks(resources).values()
    unjudged = (undecided_server(resources, check) for check in checks)
    return (f"{each}, so whether it can pass is not judged" for each in unjudged if each)


def _problem(resources: ResourceSet, check: DeclaredCheck) -> str:
    """Return why a check never passes, without a final dot; empty if it may pass."""
    if problem := server_problem(resources, check):
        return problem
    endpoint = endpoint_of(resources, check)
    if endpoint.api or (check.type != "TCP" and endpoint.end and endpoint.end.is_iot):
        # The proof judges an API's paths, and `https-check-on-iot-name` has its own message.
        return ""
    problem = read_probe(resources, check, Notes()).problem
    return f"{problem}: check a public endpoint of the region" if problem else ""


def _without_record(resources: ResourceSet, check: DeclaredCheck) -> str:
    """Return the finding about a name in a zone of the set that has no record; empty for others."""
    resource, names = check.resource, declared_names(resources)
    if resource.values.get("ip_address"):
        return ""
    name = known_dns_name(resources, resource, "fqdn", resource.values.get("fqdn")) or ""
    if not is_resolved_name(name) or name in names or is_iot_host(name):
        return ""
    zone = zone_without(resources, name)
    if not zone:
        return ""
    return (
        f"`fqdn` is {name}, and no record of the zone {zone} that was passed has this name: a check"
        " of a name that does not resolve is always unhealthy. Add the record, or pass the stack"
        " that has it."
    )


RULE: Final = Rule(
    id=_ID,
    title="A health check that can pass",
    why="Route 53's checkers connect from the internet and need a 2xx or 3xx answer: a private"
    " address, an internal load balancer or database, the target host of API Gateway's custom"
    " domain names, a URL as host name, HTTPS at port 80 or a port that AWS IoT does not serve are"
    " always unhealthy. With both records unhealthy, Route 53 answers with the PRIMARY. A name"
    " without a record in its zone is a warning, since another stack may have it.",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html, IPAddress;"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-determining-health-of-endpoints.html;"
    " docs.aws.amazon.com/iot/latest/developerguide/protocols.html",
    find=_find,
    not_judged=_not_judged,
)

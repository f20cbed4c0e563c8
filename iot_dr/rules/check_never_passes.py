"""A health check that can never pass, whatever its endpoint does."""

import re
from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.design.check_request import endpoint_of, request_of
from iot_dr.design.notes import Notes
from iot_dr.design.probes import read_probe
from iot_dr.design.sites import zone_without
from iot_dr.route53.aws_host import is_iot_host
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import (
    is_resolved_name,
    is_true,
    known_dns_name,
    resolved_text,
)
from iot_dr.terraform_json.expression import literal, single_reference
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "check-never-passes"
_ENDPOINTS: Final = ("TCP", "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH")
_BALANCERS: Final = ("aws_lb", "aws_alb", "aws_elb")
# docs.aws.amazon.com/AmazonElastiCache/latest/dg/elasticache-vpc-accessing.html,
# docs.aws.amazon.com/documentdb/latest/developerguide/connect-from-outside-a-vpc.html,
# docs.aws.amazon.com/neptune/latest/userguide/security-vpc.html
_PRIVATE: Final = re.compile(
    r"aws_(?:elasticache_(?:cluster|replication_group|serverless_cache)|docdb_cluster"
    r"|docdb_cluster_instance|neptune_cluster|memorydb_cluster|vpc_endpoint)"
)
_PRIVATE_ATTRIBUTE: Final = re.compile(r"\.private_(?:ip|dns)\b")
_PRIVATE_HOST: Final = re.compile(r"(?:^|\.)(?:internal|local|localhost)$|^internal-.*\.elb\.")
_OF_API: Final = re.compile(
    r"^aws_(?:api_gateway|apigatewayv2)_domain_name\..*\.(?:regional|target|cloudfront)_domain_name$"
)
_API_HOST: Final = re.compile(r"^d-\w+\.execute-api\.")
_URL: Final = re.compile(r"\.(?:api_endpoint|invoke_url|function_url)$")
_HTTP_PORT: Final = 80


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    checks = declared_checks(resources)
    used = set(declared_evaluation(resources).check_ids()) if checks else set[str]()
    for check in checks.values():
        if check.type not in _ENDPOINTS:
            continue
        if problem := _problem(resources, check):
            is_used = check.id in used
            consequence = (
                "so it is always unhealthy, and the record that uses it is never answered while"
                " another one is healthy."
                if is_used
                else "so it is always unhealthy; no record uses it."
            )
            yield finding_at(
                check.resource,
                _ID,
                f"{problem}, {consequence}",
                Verdict.BLOCK if is_used else Verdict.WARN,
            )
        elif unknown := _without_record(resources, check):
            yield finding_at(check.resource, _ID, unknown, Verdict.WARN)


def _problem(resources: ResourceSet, check: DeclaredCheck) -> str:
    """Return why a check never passes, without a final dot; empty if it may pass."""
    values = check.resource.values
    if check.type.startswith("HTTPS") and request_of(resources, check).port == _HTTP_PORT:
        return "HTTPS at port 80 meets a server that speaks HTTP: use port 443, or the type HTTP"
    if not values.get("ip_address") and (problem := _host_problem(resources, check)):
        return problem
    endpoint = endpoint_of(resources, check)
    if endpoint.api or (check.type != "TCP" and endpoint.end and endpoint.end.is_iot):
        # The proof judges an API's paths, and `https-check-on-iot-name` has its own message.
        return ""
    problem = read_probe(resources, check, Notes()).problem
    return f"{problem}: check a public endpoint of the region" if problem else ""


def _host_problem(resources: ResourceSet, check: DeclaredCheck) -> str:
    resource = check.resource
    value = str(resource.values.get("fqdn") or "")
    value = resource.origins.get(value, value)
    reference = single_reference(value) or ""
    host = resolved_text(resources, resource, value) or ""
    if _URL.search(reference) or "/" in (literal(value) or ""):
        return (
            f"`fqdn` is {reference or value}, a URL, and Route 53 needs a host name: use"
            ' `replace(..., "https://", "")`, and `resource_path` for the path'
        )
    if check.type != "TCP" and (_OF_API.search(reference) or _API_HOST.search(host)):
        return (
            f"API Gateway answers 403 to the host {reference or host}, which is only the target of"
            " a custom domain name: use that name, or the API's own execute-api host"
        )
    where = f"Route 53's checkers are on the internet and do not reach {reference or host}"
    if _PRIVATE_ATTRIBUTE.search(reference) or _PRIVATE_HOST.search(host):
        return f"{where}, which is private: check a public endpoint, or an alarm"
    target = resources.referenced(resource, value)
    if target and _is_private(resources, target):
        return f"{where}, since {target.address} is internal: check a public endpoint, or an alarm"
    return ""


def _is_private(resources: ResourceSet, target: Resource) -> bool:
    """Whether a resource has no public endpoint.

    docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    (PubliclyAccessible), of which Terraform's default is false.
    """
    if target.type in _BALANCERS:
        return is_true(resources, target, "internal")
    if target.type in {"aws_db_instance", "aws_rds_cluster_instance"}:
        public = target.values.get("publicly_accessible")
        return target.mode == "managed" and (public is None or str(public).lower() == "false")
    return _PRIVATE.fullmatch(target.type) is not None


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
)

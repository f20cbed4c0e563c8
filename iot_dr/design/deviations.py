"""What in a design differs from its settings, or is scarce: nothing of it changes a state.

It changes how soon devices move, how they connect, or who is paged.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from environments.settings import Settings
from iot_dr.design.functions import package_of, variables_of
from iot_dr.design.permissions import is_function
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.terraform_json.argument import (
    known_dns_name,
    resolved_text,
    resolved_upper,
    whole_number,
)
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules import function_limits as limits

_DOMAIN: Final = "aws_iot_domain_configuration"
# docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (FailureThreshold,
# RequestInterval)
_THRESHOLD, _INTERVAL = 3, 30


def deviations(
    resources: ResourceSet,
    settings: Settings,
    records: Iterable[DeclaredRecord],
    checks: Iterable[str],
) -> Iterator[str]:
    """Yield what differs, a sentence each; the records and checks are those of the device name."""
    ids = {record.id for record in records}
    names = {settings.device_name, *map(settings.regional_name, settings.regions)}
    for record in declared_names(resources).records:
        if record.id in ids or record.name in names:
            ttl, wanted = record.ttl, settings.endpoint.ttl
            if not record.is_alias and ttl is not None and ttl != wanted:
                yield f"{record.resource.address} has the ttl {ttl}, and the settings {wanted}"
    declared = declared_checks(resources)
    for check in (declared[id_] for id_ in checks if id_ in declared):
        if check.type not in {"CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"}:
            yield from _of_check(resources, check.resource, settings)
    for domain in resources.of_type(_DOMAIN):
        yield from _of_domain(resources, domain, settings)
    for certificate in resources.of_type("aws_acm_certificate"):
        yield from _of_certificate(resources, certificate)
    for stage in resources.of_type("aws_apigatewayv2_stage"):
        yield from _of_stage(resources, stage)
    for function in resources.of_type("aws_lambda_function"):
        yield from _of_function(resources, function, settings)


def _of_check(resources: ResourceSet, check: Resource, settings: Settings) -> Iterator[str]:
    health = settings.health
    for argument, default, wanted in (
        ("failure_threshold", _THRESHOLD, health.threshold),
        ("request_interval", _INTERVAL, health.interval),
    ):
        value = check.values.get(argument)
        number = default if value is None else whole_number(resources.resolve(check, value))
        if number not in {None, wanted}:
            yield f"{check.address} has the {argument} {number}, and the settings {wanted}"


def _of_domain(resources: ResourceSet, domain: Resource, settings: Settings) -> Iterator[str]:
    name = known_dns_name(resources, domain, "domain_name", domain.values.get("domain_name"))
    names = {settings.device_name, *map(settings.regional_name, settings.regions)}
    if name not in names or domain.change is not None:
        return
    tls = block(domain.values, "tls_config") or {}
    policy = resolved_text(resources, domain, tls.get("security_policy"))
    wanted = settings.endpoint.tls_policy
    if policy != wanted:
        yield f"{domain.address} has the TLS policy {policy or 'of AWS'}, and the settings {wanted}"
    for argument in ("application_protocol", "authentication_type"):
        value = resolved_upper(resources, domain, domain.values.get(argument)) or "DEFAULT"
        if name == settings.device_name and value == "DEFAULT":
            yield f"{domain.address} lets the port and ALPN decide the {argument}"


def _of_certificate(resources: ResourceSet, certificate: Resource) -> Iterator[str]:
    """docs.aws.amazon.com/acm/latest/userguide/domain-ownership-validation.html."""
    method = resolved_upper(resources, certificate, certificate.values.get("validation_method"))
    if method not in {"", "DNS"} or (not method and certificate.change is None):
        yield f"{certificate.address} is validated by {method or 'EMAIL'}: a person must answer"


def _of_function(resources: ResourceSet, function: Resource, settings: Settings) -> Iterator[str]:
    package, address = package_of(resources, function), function.address
    if package not in {"canary", "watcher"}:
        return
    variable = f"{package.upper()}_ENVIRONMENT"
    environment = resources.resolve(function, variables_of(function).get(variable))
    if environment != settings.environment:
        yield f"{address} puts its metrics under the environment {environment}"
    for argument, least in _least(package, settings).items():
        number = _number(resources, function, argument)
        if number is None or number < least:
            yield f"{address} has the {argument} {number}, and usually {least}"
    if block(function.values, "vpc_config"):
        # docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
        yield f"{address} is in a VPC: assumed that it reaches AWS IoT, DNS and CloudWatch there"
    for permission in resources.of_type("aws_lambda_permission"):
        invoked = permission.values.get("function_name")
        is_open = is_function(resources, permission, invoked, function)
        if is_open and not permission.values.get("source_arn"):
            yield f"{permission.address} lets any account's resources invoke {address}"


def _least(package: str, settings: Settings) -> Mapping[str, int]:
    """Return what the platform gives a function, by argument."""
    if package == "canary":
        return {
            "memory_size": limits.CANARY_MEMORY,
            "timeout": limits.CANARY_TIMEOUT,
            "reserved_concurrent_executions": limits.CANARY_CONCURRENCY,
        }
    seconds = limits.watch_seconds(settings.health.interval, settings.health.threshold)
    return {
        "memory_size": limits.WATCHER_MEMORY,
        "reserved_concurrent_executions": limits.watch_concurrency(seconds),
    }


def _of_stage(resources: ResourceSet, stage: Resource) -> Iterator[str]:
    """Yield that a stage has no limit, or a lower one than the platform's.

    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html.
    """
    kinds = ("default_route_settings", "route_settings")
    for settings in (each for kind in kinds for each in blocks(stage.values, kind) or ({},)):
        for argument, wanted in (
            ("throttling_rate_limit", limits.RATE),
            ("throttling_burst_limit", limits.BURST),
        ):
            value = whole_number(resources.resolve(stage, settings.get(argument)))
            if value is None or value < wanted:
                yield f"{stage.address} has the {argument} {value}, and usually {wanted}"


def _number(resources: ResourceSet, resource: Resource, argument: str) -> int | None:
    value: Json = resource.values.get(argument)
    return whole_number(resources.resolve(resource, value))

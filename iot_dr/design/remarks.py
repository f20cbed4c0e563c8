"""What in a design differs from its settings, or is assumed, and no device notices."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from iot_dr.design.deviations import usual_limits
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import RESERVED, limit_of, package_of, variables_of
from iot_dr.design.iot import configured_name
from iot_dr.design.permissions import grants, history_call, lambda_trust
from iot_dr.design.policy import ApiCall
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.terraform_json.argument import resolved_text, resolved_upper
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules import function_limits as limits
from modules.policy_document import REQUESTED_REGION

# docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
_LOGGING: Final = ("logs:CreateLogStream", "logs:PutLogEvents")


def remarks(
    resources: ResourceSet, expected: DesignExpectation, checks: Iterable[str]
) -> Iterator[str]:
    """Yield the remarks, a sentence each; the checks are those of the device name."""
    declared = declared_checks(resources)
    for check in (declared[id_].resource for id_ in checks if id_ in declared):
        is_endpoint = "fqdn" in check.values or "ip_address" in check.values
        if is_endpoint and not check.values.get("regions") and check.change is None:
            # See modules/checker_regions.py.
            yield f"{check.address} names no regions of checkers: AWS adds its own"
    for domain in resources.of_type("aws_iot_domain_configuration"):
        yield from _of_domain(resources, domain, expected)
    for function in resources.of_type("aws_lambda_function"):
        yield from _of_function(resources, function, expected)
    for stage in resources.of_type("aws_apigatewayv2_stage"):
        for kind in ("default_route_settings", "route_settings"):
            for settings in blocks(stage.values, kind):
                if str(settings.get("detailed_metrics_enabled")).lower() == "true":
                    yield f"{stage.address} has detailed metrics, which are charged"


def _of_domain(
    resources: ResourceSet, domain: Resource, expected: DesignExpectation
) -> Iterator[str]:
    name = configured_name(resources, domain, expected)
    if name is None:
        return
    for argument in ("application_protocol", "authentication_type"):
        value = resolved_upper(resources, domain, domain.values.get(argument)) or "DEFAULT"
        is_new = expected.adopted_region is None
        if name == expected.device_name and value == "DEFAULT" and is_new:
            yield f"{domain.address} lets the port and ALPN decide the {argument}"
        if name != expected.device_name and value != "DEFAULT":
            yield f"{domain.address} serves the {argument} {value} alone, and usually any"


def _of_function(
    resources: ResourceSet, function: Resource, expected: DesignExpectation
) -> Iterator[str]:
    package, address = package_of(resources, function), function.address
    if package in {"canary", "watcher"}:
        yield from _of_limits(resources, function, package, expected)
    if package:
        if limit_of(resources, function, RESERVED) == math.inf:
            yield (
                f"{address} reserves no concurrency: assumed that the region's other functions"
                " leave it enough"
            )
        if block(function.values, "vpc_config"):
            # docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
            yield f"{address} is in a VPC: assumed that it reaches AWS and DNS there"
        yield from _without_logs(resources, function)


def _of_limits(
    resources: ResourceSet, function: Resource, package: str, expected: DesignExpectation
) -> Iterator[str]:
    address = function.address
    variable = variables_of(function).get(f"{package.upper()}_ENVIRONMENT")
    environment = resources.resolve(function, variable)
    if environment != expected.environment:
        yield f"{address} puts its metrics under the environment {environment}"
    for argument, usual in usual_limits(package, expected).items():
        number = limit_of(resources, function, argument)
        if number is not None and usual < number < math.inf:
            yield f"{address} has the {argument} {number}, and usually {usual}"
    architectures = texts(function.values.get("architectures")) or ("x86_64",)
    if architectures != limits.ARCHITECTURES and function.change is None:
        yield f"{address} runs on {', '.join(architectures)}, and usually on arm64"
    role = resources.referenced(function, function.values.get("role"), "aws_iam_role")
    if role and lambda_trust(resources, role) is None:
        yield f"{role.address} has a condition in its trust policy: assumed that Lambda meets it"
    if package == "watcher":
        allowed = grants(resources, function)
        if allowed.access(history_call("other")) == "allowed":
            yield f"{address} may read metrics in every region"


def _without_logs(resources: ResourceSet, function: Resource) -> Iterator[str]:
    region, allowed = function.region or "", grants(resources, function)
    name = resolved_text(resources, function, function.values.get("function_name"))
    log = f"arn:aws:logs:{region}::log-group:/aws/lambda/{name}:log-stream:x"
    for action in _LOGGING:
        if allowed.access(ApiCall(action, log, {REQUESTED_REGION: region})) == "denied":
            yield f"{function.address} writes no logs: its role does not allow {action}"

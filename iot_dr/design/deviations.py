"""What in a design is wrong, and changes no state.

It changes how soon devices move, how they connect, who may do more than usual, or who is paged.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from functions.contract import PUBLISH_SECONDS
from iot_dr.design.access_deviations import access_deviations
from iot_dr.design.alarm_delivery import ACTIONS, delivery_deviations
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.functions import RESERVED, limit_of, package_of
from iot_dr.design.iot import HANDSHAKE, configured_name, serving_problem
from iot_dr.design.metric_alarms import ALARM, MetricAlarm, metric_alarms
from iot_dr.design.permissions import is_function
from iot_dr.design.publishers import PUBLISHER
from iot_dr.route53.check import CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.terraform_json.argument import resolved_text, resolved_upper, whole_number
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.json_value import mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules import function_limits as limits
from modules.checker_regions import CHECKER_REGIONS
from modules.device_policy_name import device_policy_name
from modules.stack_names import stack_name
from modules.switch_metric import SWITCH_ALARM, switch_alarm_name

_EVENTS: Final = re.compile(r"\$aws/events/(\w+)/")
_DOMAIN: Final = "aws_iot_domain_configuration"

# Arguments that decide when an alarm goes off, and that the alarm of a switch does not have.
_UNUSUAL: Final = ("datapoints_to_alarm", "evaluate_low_sample_count_percentiles", "unit")


def deviations(
    resources: ResourceSet, expected: DesignExpectation, checks: Iterable[str]
) -> Iterator[str]:
    """Yield what is wrong, a sentence each; the checks are those of the device name."""
    declared = declared_checks(resources)
    for check in (declared[id_] for id_ in checks if id_ in declared):
        if check.type not in {CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL}:
            yield from _of_check(check, expected)
    yield from _of_regional_names(resources, expected)
    yield from _switch_deviations(resources, expected)
    yield from access_deviations(resources, expected)
    of_type: Mapping[str, Callable[[ResourceSet, Resource], Iterator[str]]] = {
        _DOMAIN: partial(_of_domain, expected=expected),
        "aws_iot_policy": partial(_of_policy, expected=expected),
        ALARM: delivery_deviations,
        "aws_acm_certificate": _of_certificate,
        "aws_apigatewayv2_stage": _of_stage,
        "aws_apigatewayv2_integration": _of_integration,
        "aws_lambda_function": partial(_of_function, expected=expected),
        "aws_iot_event_configurations": _of_events,
    }
    for type_, of_resource in of_type.items():
        for resource in resources.of_type(type_):
            yield from of_resource(resources, resource)
    # One of another primary is asked after a change of primary alone.
    for address in (each.resource.address for each in declared.values() if each.disabled):
        yield f"{address} is disabled: it is healthy whatever it checks"


def delays(
    resources: ResourceSet, expected: DesignExpectation, records: Iterable[DeclaredRecord]
) -> Iterator[str]:
    """Yield the TTLs of the device name and the regional names that the settings do not have."""
    ids = {record.id for record in records}
    names = {expected.device_name, *expected.regional_names.values()}
    for record in declared_names(resources).records:
        if record.id in ids and (record.name != expected.device_name or record.side == "SECONDARY"):
            yield from _of_standby(resources, record)
        if record.id in ids or record.name in names:
            ttl, wanted = record.ttl, expected.recovery.ttl
            if not record.is_alias and ttl is not None and ttl != wanted:
                yield f"{record.resource.address} has the ttl {ttl}, and the settings {wanted}"


def _of_standby(resources: ResourceSet, record: DeclaredRecord) -> Iterator[str]:
    """Yield the deep checks by which a standby loses devices again: see ADR 0012."""
    asked = declared_evaluation(resources).check_ids(record.check) if record.check else ()
    declared = declared_checks(resources)
    for check in (declared[id_] for id_ in asked if id_ in declared):
        if check.type == "HTTPS":
            yield (
                f"{record.resource.address} depends on {check.resource.address}, which a standby"
                " may fail while the fleet connects to it; usually on its TCP check"
            )


def _of_check(declared: DeclaredCheck, expected: DesignExpectation) -> Iterator[str]:
    check, health = declared.resource, expected.recovery
    for argument, number, wanted in (
        ("failure_threshold", declared.threshold, health.threshold),
        ("request_interval", declared.interval, health.interval),
    ):
        if argument not in declared.unknown and number != wanted:
            yield f"{check.address} has the {argument} {number}, and the settings {wanted}"
    regions = texts(check.values.get("regions"))
    if regions and len(regions) < len(CHECKER_REGIONS) and not any(map(has_expression, regions)):
        yield (
            f"{check.address} has checkers in {len(regions)} regions, and usually"
            f" {len(CHECKER_REGIONS)}: fewer decide"
        )


def _of_domain(
    resources: ResourceSet, domain: Resource, expected: DesignExpectation
) -> Iterator[str]:
    if configured_name(resources, domain, expected) is None:
        return
    tls = block(domain.values, "tls_config") or {}
    policy = resolved_text(resources, domain, tls.get("security_policy"))
    wanted = expected.tls_policy
    if policy != wanted:
        yield f"{domain.address} has the TLS policy {policy or 'of AWS'}, and the settings {wanted}"


def _of_regional_names(resources: ResourceSet, expected: DesignExpectation) -> Iterator[str]:
    """Yield the regional names by which no region can be probed."""
    names = declared_names(resources)
    for region in expected.failover.order:
        name = expected.regional_names[region]
        if not names.at(name):
            yield f"no record of {name} is declared: `iot-dr status` cannot probe {region}"
        elif problem := serving_problem(resources, name, region, HANDSHAKE):
            yield f"{name} is not served, by which `iot-dr status` probes {region}: {problem}"


def _of_policy(
    resources: ResourceSet, policy: Resource, expected: DesignExpectation
) -> Iterator[str]:
    """Yield that a policy for a regional stack is not the one that commands and templates name."""
    name = resolved_text(resources, policy, policy.values.get("name"))
    is_ours = policy.stack == stack_name(expected.environment, "iot", policy.region)
    wanted = device_policy_name(expected.context)
    if is_ours and name and name != wanted:
        yield f"{policy.address} has the name {name}, and templates and commands use {wanted}"


def _of_certificate(resources: ResourceSet, certificate: Resource) -> Iterator[str]:
    """docs.aws.amazon.com/acm/latest/userguide/domain-ownership-validation.html."""
    method = resolved_upper(resources, certificate, certificate.values.get("validation_method"))
    if method not in {"", "DNS"} or (not method and certificate.change is None):
        yield f"{certificate.address} is validated by {method or 'EMAIL'}: a person must answer"


def _of_function(
    resources: ResourceSet, function: Resource, expected: DesignExpectation
) -> Iterator[str]:
    address = function.address
    limits_of_package = usual_limits(package_of(resources, function), expected)
    if not limits_of_package:
        return
    for argument, usual in limits_of_package.items():
        number = limit_of(resources, function, argument)
        if number is None or number < usual:
            yield f"{address} has the {argument} {number}, and usually {usual}"
    for permission in resources.of_type("aws_lambda_permission"):
        invoked = permission.values.get("function_name")
        is_open = is_function(resources, permission, invoked, function)
        if is_open and not permission.values.get("source_arn"):
            yield f"{permission.address} lets any account's resources invoke {address}"


def usual_limits(package: str, expected: DesignExpectation) -> Mapping[str, int]:
    """Return what the platform gives a function of the failover, by argument."""
    if package == "canary":
        return {
            "memory_size": limits.CANARY_MEMORY,
            "timeout": limits.CANARY_TIMEOUT,
            RESERVED: limits.CANARY_CONCURRENCY,
        }
    if package == PUBLISHER:
        return {
            "memory_size": limits.PUBLISHER_MEMORY,
            "timeout": PUBLISH_SECONDS,
            RESERVED: limits.PUBLISHER_CONCURRENCY,
        }
    if package != "watcher":
        return {}
    seconds = limits.watch_seconds(expected.recovery.interval, expected.recovery.threshold)
    return {
        "memory_size": limits.WATCHER_MEMORY,
        "timeout": seconds,
        RESERVED: limits.watch_concurrency(seconds),
    }


def _of_stage(resources: ResourceSet, stage: Resource) -> Iterator[str]:
    """Yield that a stage has no limit, or another one than the platform's.

    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html.
    """
    kinds = ("default_route_settings", "route_settings")
    for settings in (each for kind in kinds for each in blocks(stage.values, kind) or ({},)):
        for argument, wanted in (
            ("throttling_rate_limit", limits.RATE),
            ("throttling_burst_limit", limits.BURST),
        ):
            value = whole_number(resources.resolve(stage, settings.get(argument)))
            # A review hides the settings of routes, whose key is sensitive.
            is_hidden = value is None and settings.get(argument) is not None
            if value != wanted and not is_hidden:
                yield f"{stage.address} has the {argument} {value}, and usually {wanted}"


def _of_integration(resources: ResourceSet, integration: Resource) -> Iterator[str]:
    value = integration.values.get("integration_uri")
    function = resources.referenced(integration, value, "aws_lambda_function")
    if function is None or package_of(resources, function) != "canary":
        return
    for argument, wanted in (
        ("timeout_milliseconds", str(limits.API_MILLISECONDS)),
        ("payload_format_version", limits.API_PAYLOAD),
    ):
        value = resources.resolve(integration, integration.values.get(argument))
        if str(value) != wanted:
            yield f"{integration.address} has the {argument} {value}, and usually {wanted}"


def _of_events(resources: ResourceSet, events: Resource) -> Iterator[str]:
    """Yield the topic rules that get no events of AWS IoT, since their type is off in the region.

    docs.aws.amazon.com/iot/latest/developerguide/iot-events.html, registry-events.html.
    """
    enabled = mapping(events.values.get("event_configurations"))
    off = {
        type_.replace("_", "").upper(): type_
        for type_ in enabled
        if str(resources.resolve(events, enabled[type_])).lower() == "false"
    }
    for rule in resources.of_type("aws_iot_topic_rule"):
        topic = _EVENTS.search(str(resources.resolve(rule, rule.values.get("sql"))))
        type_ = off.get(topic.group(1).upper()) if topic else None
        if type_ and rule.region == events.region:
            yield (
                f"{rule.address} gets no events in {rule.region}: {events.address} has {type_} off"
            )


def _switch_deviations(resources: ResourceSet, expected: DesignExpectation) -> Iterator[str]:
    """Yield the deviations of each alarm on the metric of the environment's switches.

    With a second alarm the devices may still be moved, so that a proof needs none of them.
    """
    for resource in resources.of_type(ALARM):
        alarm = metric_alarms(resources)[resource.id]
        if alarm.is_of_switch(expected.environment):
            yield from _of_alarm(resources, resource, alarm, expected)


def _of_alarm(
    resources: ResourceSet, resource: Resource, alarm: MetricAlarm, expected: DesignExpectation
) -> Iterator[str]:
    address = alarm.address
    for argument, wanted in SWITCH_ALARM.items():
        value = resources.resolve(resource, resource.values.get(argument))
        if (f"{value:g}" if isinstance(value, float) else str(value)) != str(wanted):
            yield f"{address} has the {argument} {value}, and usually {wanted}"
    for argument in _UNUSUAL:
        if value := resource.values.get(argument):
            yield f"{address} has the {argument} {value}, and usually none"
    region = alarm.dimensions.get("Region", "")
    wanted_name = switch_alarm_name(expected.context, region)
    if alarm.name not in {address, wanted_name}:
        yield f"{address} has the name {alarm.name}, and `iot-dr status` reads {wanted_name}"
    # docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    if str(resource.values.get("actions_enabled")).lower() == "false":
        yield f"{address} notifies nobody: its actions are not enabled"
    for argument in ACTIONS:
        if not texts(resource.values.get(argument)):
            yield f"{address} notifies nobody: it has no {argument}"

"""Arguments on the device path that decide nothing about devices, with AWS's page for each.

A mutant of one of them is equivalent only if the proof is also that of the design without it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tools.benchmarks.design_mutants.conditions import (
    is_any,
    is_constant,
    is_named,
    is_not_alarm,
    is_removed,
    is_shallow,
    is_tcp,
    is_without_second_register,
)
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant
from tools.benchmarks.design_mutants.unread_data import ON_DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Arguments by patterns of types and dotted names; `applies` looks at the mutant."""

    types: str
    arguments: str
    reason: str
    source: str
    applies: Callable[[BaseDesign, Mutant], bool] = is_any


def unread(design: BaseDesign, mutant: Mutant) -> Unread | None:
    """Return why a mutant's argument decides nothing about devices, None if it may."""
    return next(
        (
            entry
            for entry in UNREAD
            if re.fullmatch(entry.types, mutant.type)
            and re.fullmatch(entry.arguments, mutant.argument)
            and entry.applies(design, mutant)
        ),
        None,
    )


_APIGATEWAY: Final = "docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid"
_WEBSOCKET: Final = "only WebSocket APIs have it"

_HEALTH_CHECK: Final = "docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html"

UNREAD: Final = (
    Unread(
        types=".*",
        arguments=r"tags(\..*)?",
        reason="tags label",
        source="docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
    ),
    Unread(
        types="aws_lambda_function|aws_cloudwatch_(event_rule|metric_alarm)|aws_route53_zone"
        "|aws_iam_(policy|role)|aws_iot_topic_rule",
        arguments="(alarm_)?description|comment",
        reason="a text for people",
        source="docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html,"
        " docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html,"
        " docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html,"
        " docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZoneConfig.html",
    ),
    Unread(
        types="aws_lambda_permission|aws_cloudwatch_event_target",
        arguments="statement_id|target_id",
        reason="an id within the function's policy or the rule, to remove the entry",
        source="docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html,"
        " docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html",
    ),
    Unread(
        types="aws_lambda_function",
        arguments=r"environment\.variables\.WATCHER_TOPIC",
        reason="a watcher of a standby connects by TCP and publishes nothing",
        source="functions/watcher/handler.py",
        applies=is_shallow,
    ),
    Unread(
        types="aws_route53_record",
        arguments="set_identifier",
        reason="distinguishes records of one name; the sides stay distinct",
        source="docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html",
    ),
    Unread(
        types="aws_iam_role|aws_iam_role_policy|aws_iot_policy|aws_iot_domain_configuration"
        "|aws_apigatewayv2_api|aws_cloudwatch_event_rule",
        arguments="name",
        reason="a label: other resources refer to this one, and follow",
        source="docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html,"
        " docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html",
    ),
    Unread(
        types="aws_lambda_function",
        arguments="function_name",
        reason="a label: permission, rule and API refer to the function, and follow",
        source="docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
    ),
    Unread(
        types="aws_lambda_function",
        arguments="publish",
        reason="whether Lambda numbers the version; the rule and the API invoke the newest code",
        source="docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html",
    ),
    Unread(
        types="aws_route53_health_check",
        arguments="measure_latency",
        reason="adds a graph",
        source=_HEALTH_CHECK,
    ),
    Unread(
        types="aws_route53_health_check",
        arguments="enable_sni",
        reason="a TCP check makes no TLS handshake",
        source=_HEALTH_CHECK,
        applies=is_tcp,
    ),
    Unread(
        types="aws_route53_health_check",
        arguments="insufficient_data_health_status",
        reason="only checks of a CloudWatch alarm use it",
        source=_HEALTH_CHECK,
        applies=is_not_alarm,
    ),
    Unread(
        types="aws_route53_zone",
        arguments="enable_accelerated_recovery",
        reason="concerns changes to records, not answers",
        source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/accelerated-recovery.html",
    ),
    Unread(
        types="aws_apigatewayv2_api",
        arguments="api_key_selection_expression",
        reason=_WEBSOCKET,
        source=f"{_APIGATEWAY}.html",
    ),
    Unread(
        types="aws_apigatewayv2_api",
        arguments="ip_address_type",
        reason="dualstack also answers IPv4, which Route 53's checkers use",
        source=f"{_APIGATEWAY}.html",
    ),
    Unread(
        types="aws_apigatewayv2_integration",
        arguments="content_handling_strategy|passthrough_behavior",
        reason=_WEBSOCKET,
        source=f"{_APIGATEWAY}-integrations.html",
    ),
    Unread(
        types="aws_apigatewayv2_route",
        arguments="api_key_required",
        reason=_WEBSOCKET,
        source=f"{_APIGATEWAY}-routes.html",
    ),
    Unread(
        types="aws_iot_policy",
        arguments=r"policy\.Statement\.Condition(\.Bool(\.iot:Connection\.Thing\.IsAttached)?)?",
        reason="the client's ARN has the thing's name, which has no value for a certificate that is"
        " attached to none; the proof would note a policy that lets such a one connect",
        source="docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html",
        applies=is_removed,
    ),
    Unread(
        types="aws_route53_record",
        arguments="ttl",
        reason="the record leads to one place for ever, so no older answer is wrong",
        source="RFC 1035, 3.2.1",
        applies=is_constant,
    ),
    Unread(
        types="aws_lambda_function",
        arguments=r"environment\.variables\.CANARY_ENVIRONMENT",
        reason="a dimension of the metric of an alarm that only notifies",
        source="docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html",
        applies=is_named,
    ),
    Unread(
        types="aws_iam_role_policy",
        arguments=r"policy\.Statement\.Resource",
        reason="with two regions a switch has one alarm, and its register is in that region alone",
        source="docs/adr/0045-switches-with-a-register.md",
        applies=is_without_second_register,
    ),
    *(Unread(**entry._asdict()) for entry in ON_DATA),
)
"""Fewer than 40: each is an argument, or several of one meaning."""

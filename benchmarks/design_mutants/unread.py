"""Arguments on the device path that decide nothing about devices, with AWS's page for each.

A mutant of one of them is equivalent only if the proof is also that of the design without it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.design_mutants.conditions import (
    has_no_native_code,
    ignores_its_event,
    is_constant,
    is_default,
    is_larger,
    is_larger_or_removed,
    is_log_statement,
    is_named,
    is_not_alarm,
    is_of_regional_name,
    is_of_unused_name,
    is_removed,
    is_removed_condition,
    is_tcp,
)
from benchmarks.design_mutants.design import BaseDesign, Mutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Arguments by patterns of types and dotted names; `applies` looks at the mutant."""

    types: str
    arguments: str
    reason: str
    source: str
    applies: Callable[[BaseDesign, Mutant], bool] = lambda _design, _mutant: True


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

_PROTOCOLS: Final = "docs.aws.amazon.com/iot/latest/developerguide/protocols.html"

UNREAD: Final = (
    Unread(
        types=".*",
        arguments=r"tags(\..*)?",
        reason="tags label",
        source="docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
    ),
    Unread(
        types="aws_lambda_function|aws_cloudwatch_(event_rule|metric_alarm)|aws_route53_zone",
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
        arguments="publish|source_code_hash",
        reason="when Terraform uploads the code, and whether it numbers the version",
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
        types="aws_acm_certificate_validation",
        arguments="validation_record_fqdns",
        reason="Terraform compares it with the certificate's records; nothing is created",
        source="provider documentation, acm_certificate_validation",
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
        types="aws_apigatewayv2_stage",
        arguments=r"(default_)?route_settings\.(data_trace_enabled|logging_level)",
        reason=_WEBSOCKET,
        source=f"{_APIGATEWAY}-stages.html",
    ),
    Unread(
        types="aws_apigatewayv2_stage",
        arguments=r"(default_)?route_settings\.detailed_metrics_enabled",
        reason="adds metrics",
        source=f"{_APIGATEWAY}-stages.html",
    ),
    Unread(
        types="aws_apigatewayv2_stage",
        arguments=r"(default_)?route_settings(\.throttling_(burst|rate)_limit)?",
        reason="the limit, or the account's, stays above the rate of Route 53's checkers: a lower"
        " one is disproved",
        source="docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
    ),
    Unread(
        types="aws_lambda_function",
        arguments="reserved_concurrent_executions",
        reason="a lower limit than the checkers need is disproved, and EventBridge's invocations"
        " are tried again",
        source="docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html,"
        " docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html",
    ),
    Unread(
        types="aws_iam_role",
        arguments="permissions_boundary",
        reason="the role allows all that it allowed within the boundary",
        source="docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        applies=is_removed,
    ),
    Unread(
        types="aws_apigatewayv2_integration",
        arguments="timeout_milliseconds",
        reason="a check fails after two seconds without an answer, so a later one changes nothing",
        source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
        "dns-failover-determining-health-of-endpoints.html",
        applies=is_larger_or_removed,
    ),
    Unread(
        types="aws_lambda_function",
        arguments="memory_size|timeout",
        reason="an upper bound that the function does not reach",
        source="docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        applies=is_larger,
    ),
    Unread(
        types="aws_lambda_function",
        arguments="architectures",
        reason="the code has no native part, and runs on each architecture",
        source="docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
        applies=has_no_native_code,
    ),
    Unread(
        types="aws_route53_health_check",
        arguments="regions",
        reason="three or more regions of checkers remain, by whose votes Route 53 decides",
        source=_HEALTH_CHECK,
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
        types="aws_apigatewayv2_integration",
        arguments="payload_format_version",
        reason="the function reads no event, and each version takes its response",
        source="docs.aws.amazon.com/apigateway/latest/developerguide/"
        "http-api-develop-integrations-lambda.html",
        applies=ignores_its_event,
    ),
    Unread(
        types="aws_lambda_function",
        arguments=r"environment\.variables\.CANARY_ENVIRONMENT",
        reason="a dimension of the metric of an alarm that only notifies",
        source="docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html",
        applies=is_named,
    ),
    Unread(
        types="aws_iot_domain_configuration",
        arguments="application_protocol|authentication_type",
        reason="AWS IoT then decides by port and ALPN: MQTT with certificates, as written out",
        source=_PROTOCOLS,
        applies=is_default,
    ),
    Unread(
        types="aws_iot_domain_configuration",
        arguments="application_protocol|authentication_type",
        reason="only functions use the regional name, and publish by HTTPS with SigV4",
        source=_PROTOCOLS,
        applies=is_of_regional_name,
    ),
    Unread(
        types="aws_iot_domain_configuration|aws_route53_record",
        arguments="|application_protocol|authentication_type|domain_name|name"
        r"|server_certificate_arns|service_type|status|tls_config.*",
        reason="no function uses the regional name, and a TCP check makes no TLS handshake",
        source=_PROTOCOLS,
        applies=is_of_unused_name,
    ),
    Unread(
        types="aws_iam_role_policy|aws_iot_policy",
        arguments=r"policy\.Statement\.Condition.*",
        reason="the statement allows all that it allowed with the condition",
        source="docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
        applies=is_removed_condition,
    ),
    Unread(
        types="aws_lambda_permission",
        arguments="source_arn",
        reason="the permission allows all that it allowed with the condition",
        source="docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
        applies=is_removed,
    ),
    Unread(
        types="aws_iam_role_policy",
        arguments=r"policy\.Statement.*",
        reason="the statement allows logs alone, and a function runs without them",
        source="docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
        applies=is_log_statement,
    ),
)
"""Fewer than 40: each is an argument, or several of one meaning."""

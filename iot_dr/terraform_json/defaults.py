"""What the provider or AWS sets where an argument is not set, by resource type.

registry.terraform.io/providers/hashicorp/aws/latest/docs and, below docs.aws.amazon.com,
iot/latest/apireference/API_CreateDomainConfiguration.html,
Route53/latest/APIReference/API_HealthCheckConfig.html (FailureThreshold, RequestInterval).
"""

from collections.abc import Mapping
from typing import Final

from iot_dr.terraform_json.json_value import Json

_BUS: Final = {"event_bus_name": "default", "force_destroy": False}

PLANNED: Final[Mapping[str, Mapping[str, Json]]] = {
    "aws_apigatewayv2_api": {
        "api_key_selection_expression": "$request.header.x-api-key",
        "route_selection_expression": "$request.method $request.path",
    },
    "aws_apigatewayv2_integration": {
        "connection_type": "INTERNET",
        "payload_format_version": "1.0",
    },
    "aws_apigatewayv2_route": {"api_key_required": False, "authorization_type": "NONE"},
    "aws_cloudwatch_event_rule": _BUS,
    "aws_cloudwatch_event_target": _BUS,
    "aws_cloudwatch_metric_alarm": {
        "actions_enabled": True,
        "metric_query.return_data": False,
        "treat_missing_data": "missing",
    },
    "aws_iam_role": {"force_detach_policies": False, "max_session_duration": 3600, "path": "/"},
    "aws_iot_domain_configuration": {"service_type": "DATA", "status": "ENABLED"},
    "aws_kinesis_stream": {
        "encryption_type": "NONE",
        "enforce_consumer_deletion": False,
        "retention_period": 24,
    },
    "aws_kms_key": {
        "bypass_policy_lockout_safety_check": False,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "enable_key_rotation": False,
        "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
    },
    "aws_lambda_event_source_mapping": {
        "document_db_event_source_config.full_document": "Default",
        "enabled": True,
    },
    "aws_lambda_function": {
        "logging_config.application_log_level": "",
        "logging_config.system_log_level": "",
        "memory_size": 128,
        "package_type": "Zip",
        "publish": False,
        "reserved_concurrent_executions": -1,
        "skip_destroy": False,
        "timeout": 3,
        "vpc_config.ipv6_allowed_for_dual_stack": False,
    },
    "aws_sqs_queue": {
        "content_based_deduplication": False,
        "delay_seconds": 0,
        "fifo_queue": False,
        "max_message_size": 262_144,
        "message_retention_seconds": 345_600,
        "receive_wait_time_seconds": 0,
        "visibility_timeout_seconds": 30,
    },
}
"""Values that a plan has; an argument in a block is `block.argument`."""

_FROM_AWS: Final[Mapping[str, Mapping[str, Json]]] = {
    "aws_apigatewayv2_api": {"ip_address_type": "ipv4"},
    "aws_apigatewayv2_integration": {"integration_method": "POST", "timeout_milliseconds": 30_000},
    "aws_cloudwatch_event_rule": {"state": "ENABLED"},
    "aws_iot_domain_configuration": {
        "application_protocol": "DEFAULT",
        "authentication_type": "DEFAULT",
    },
    "aws_lambda_event_source_mapping": {
        "maximum_record_age_in_seconds": -1,
        "maximum_retry_attempts": -1,
    },
    "aws_lambda_function": {"architectures": ["x86_64"]},
    "aws_route53_health_check": {"failure_threshold": 3, "request_interval": 30},
}


def default_of(type_: str, argument: str) -> Json:
    """Return the value of an argument that is not set, None if there is none or it is not known."""
    planned = PLANNED.get(type_, {}).get(argument)
    return _FROM_AWS.get(type_, {}).get(argument) if planned is None else planned

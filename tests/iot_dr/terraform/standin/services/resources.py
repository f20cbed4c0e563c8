"""Valid arguments of the resource types that the stand-in judges, and parts of others."""

import json
from typing import Any, Final

HERE: Final = "eu-west-1:111111111111"
FUNCTION: Final = f"arn:aws:lambda:{HERE}:function:canary"
STREAM: Final = f"arn:aws:kinesis:{HERE}:stream/telemetry"
QUEUE: Final = f"arn:aws:sqs:{HERE}:changes"
QUEUE_URL: Final = "https://sqs.eu-west-1.amazonaws.com/111111111111/lost"
BUS: Final = f"arn:aws:events:{HERE}:event-bus/own"
TOPIC: Final = f"arn:aws:sns:{HERE}:alarms"
ROLE: Final = "arn:aws:iam::111111111111:role/canary"
ZIP: Final = {"filename": "code.zip", "handler": "functions.canary.handle", "runtime": "python3.13"}
TO_KINESIS: Final = {"role_arn": ROLE, "stream_name": "telemetry", "partition_key": "${topic(2)}"}
TO_QUEUE: Final = {"role_arn": ROLE, "queue_url": QUEUE_URL, "use_base64": False}
METRIC: Final = {
    "metric_name": "Outcome",
    "namespace": "IotDr/Canary",
    "statistic": "Sum",
    "period": 60,
}
REPLICA: Final = {
    "region_name": "eu-central-1",
    "point_in_time_recovery": True,
    "propagate_tags": True,
}
BUILD_ENVIRONMENT: Final = {
    "type": "LINUX_CONTAINER",
    "image": "aws/codebuild/standard:7.0",
    "compute_type": "BUILD_GENERAL1_MEDIUM",
    "environment_variable": [{"name": "STAGE", "value": "dev"}],
}
LIFECYCLE_RULE: Final = {
    "id": "old",
    "status": "Enabled",
    "filter": [{"prefix": ""}],
    "expiration": [{"days": 90}],
    "noncurrent_version_expiration": [{"noncurrent_days": 30}],
}
APPROVAL: Final = {
    "name": "approve",
    "category": "Approval",
    "owner": "AWS",
    "provider": "Manual",
    "version": "1",
    "configuration": {"CustomData": "wave 1"},
}


def pattern(**document: Any) -> dict[str, Any]:
    """Return the arguments of a rule of events instead of a schedule."""
    return {"schedule_expression": None, "event_pattern": json.dumps(document)}


def variables(**named: Any) -> dict[str, Any]:
    """Return the environment of a function."""
    return {"environment": [{"variables": named}]}


def query(**metric: Any) -> dict[str, Any]:
    """Return the arguments of an alarm on a query instead of a metric."""
    whole = {"metric_name": "M", "period": 60, "stat": "Sum", **metric}
    return {**dict.fromkeys(METRIC), "metric_query": [{"id": "m", "metric": [whole]}]}


def stages(**changes: Any) -> list[dict[str, Any]]:
    """Return two stages of a pipeline, each with one action."""
    return [{"name": name, "action": [{**APPROVAL, **changes}]} for name in ("plan", "apply")]


def selector(**field: Any) -> dict[str, Any]:
    """Return the selector of a trail."""
    return {"advanced_event_selector": [{"name": "iot", "field_selector": [field]}]}


def lifecycle_rule(**changes: Any) -> dict[str, Any]:
    """Return the rule of a bucket's lifecycle."""
    return {"rule": [{**LIFECYCLE_RULE, **changes}]}


def trigger(**branches: Any) -> dict[str, Any]:
    """Return a pipeline's trigger by pushes to branches."""
    git = {"source_action_name": "source", "push": [{"branches": [branches]}]}
    provider = {"provider_type": "CodeStarSourceConnection", "git_configuration": [git]}
    return {"trigger": [provider]}


def condition(**changes: Any) -> dict[str, Any]:
    """Return a pipeline's stages with a condition before each."""
    rule = {"name": "check", "rule_type_id": [{"category": "Rule", "provider": "VariableCheck"}]}
    entry = {"condition": [{"result": "SKIP", "rule": [{**rule, **changes}]}]}
    return {"stage": [{**stage, "before_entry": [entry]} for stage in stages()]}


ARGUMENTS: Final[dict[str, dict[str, Any]]] = {
    "aws_apigatewayv2_api": {"name": "health", "protocol_type": "HTTP"},
    "aws_apigatewayv2_integration": {
        "api_id": "a1",
        "integration_type": "AWS_PROXY",
        "integration_uri": "https://example.com",
    },
    "aws_apigatewayv2_route": {"api_id": "a1", "route_key": "GET /health"},
    "aws_apigatewayv2_stage": {
        "api_id": "a1",
        "name": "$default",
        "route_settings": [{"route_key": "GET /health", "throttling_burst_limit": 200}],
    },
    "aws_cloudtrail": {"name": "registry", "s3_bucket_name": "trail"},
    "aws_cloudwatch_event_rule": {"name": "watcher", "schedule_expression": "rate(1 minute)"},
    "aws_cloudwatch_event_target": {"rule": "watcher", "arn": FUNCTION, "target_id": "function"},
    "aws_cloudwatch_log_group": {"name": "/aws/lambda/canary"},
    "aws_cloudwatch_metric_alarm": {
        **METRIC,
        "alarm_name": "canary",
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "evaluation_periods": 3,
    },
    "aws_codebuild_project": {
        "name": "synth",
        "service_role": ROLE,
        "source": [{"type": "CODEPIPELINE"}],
        "artifacts": [{"type": "CODEPIPELINE"}],
        "environment": [BUILD_ENVIRONMENT],
        "logs_config": [{"cloudwatch_logs": [{"group_name": "synth"}]}],
    },
    "aws_codepipeline": {
        "name": "rollout",
        "role_arn": ROLE,
        "artifact_store": [{"location": "artifacts", "type": "S3"}],
        "stage": stages(),
    },
    "aws_dynamodb_table": {
        "name": "device-state",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": "device",
        "attribute": [{"name": "device", "type": "S"}],
        "replica": [REPLICA],
        "stream_enabled": True,
        "stream_view_type": "NEW_AND_OLD_IMAGES",
    },
    "aws_iam_policy": {"name": "apply", "path": "/iot-dr/", "policy": "{}"},
    "aws_iam_role_policy_attachment": {
        "role": "apply",
        "policy_arn": "arn:aws:iam::111111111111:policy/iot-dr/apply",
    },
    "aws_iot_ca_certificate": {
        "ca_certificate_pem": "pem",
        "active": True,
        "allow_auto_registration": False,
    },
    "aws_iot_event_configurations": {"event_configurations": {"THING": True}},
    "aws_iot_provisioning_template": {
        "name": "fleet",
        "template_body": "{}",
        "provisioning_role_arn": ROLE,
    },
    "aws_iot_topic_rule": {
        "name": "telemetry",
        "enabled": True,
        "sql": "SELECT * FROM 'a/#'",
        "sql_version": "2016-03-23",
    },
    "aws_kinesis_stream": {
        "name": "telemetry",
        "stream_mode_details": [{"stream_mode": "ON_DEMAND"}],
    },
    "aws_kms_key": {"description": "alarms"},
    "aws_lambda_event_source_mapping": {
        "function_name": FUNCTION,
        "event_source_arn": STREAM,
        "starting_position": "TRIM_HORIZON",
    },
    "aws_lambda_function": {"function_name": "canary", "role": ROLE, **ZIP},
    "aws_lambda_permission": {
        "function_name": "canary",
        "action": "lambda:InvokeFunction",
        "principal": "apigateway.amazonaws.com",
    },
    "aws_s3_bucket_lifecycle_configuration": {
        "bucket": "artifacts-of-dev",
        "rule": [LIFECYCLE_RULE],
    },
    "aws_sns_topic": {"name": "alarms"},
    "aws_sqs_queue": {"name": "lost"},
    "aws_sqs_queue_policy": {"queue_url": QUEUE_URL, "policy": "{}"},
}

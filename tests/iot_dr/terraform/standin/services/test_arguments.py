"""Arguments that are refused or accepted, and those whose change needs a new resource."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.iot_dr.terraform.standin.services.kind import Kind
from tests.iot_dr.terraform.standin.services.refusals import REFUSED
from tests.iot_dr.terraform.standin.services.resources import (
    ARGUMENTS,
    BUS,
    FUNCTION,
    LIFECYCLE_RULE,
    QUEUE,
    QUEUE_URL,
    TO_KINESIS,
    TOPIC,
    ZIP,
    condition,
    pattern,
    query,
    stages,
    trigger,
    variables,
)


class Changes(NamedTuple):
    in_place: dict[str, Any]
    replacing: dict[str, Any]


NAME = {"name": "other"}
FILTER = {"filter": [{"pattern": json.dumps({"eventName": ["INSERT"]})}]}
CHANGES = {
    "aws_apigatewayv2_api": Changes(
        {"name": "other", "description": "new"}, {"protocol_type": "WEBSOCKET"}
    ),
    "aws_apigatewayv2_integration": Changes(
        {"timeout_milliseconds": 1000}, {"integration_type": "HTTP_PROXY"}
    ),
    "aws_apigatewayv2_route": Changes({"route_key": "GET /other"}, {"api_id": "a2"}),
    "aws_apigatewayv2_stage": Changes({"route_settings": [{"route_key": "GET /other"}]}, NAME),
    "aws_cloudtrail": Changes(
        {"enable_logging": False, "s3_bucket_name": "b", "is_multi_region_trail": True}, NAME
    ),
    "aws_cloudwatch_event_rule": Changes(
        {"schedule_expression": "rate(2 minutes)", "description": "new"}, NAME
    ),
    "aws_cloudwatch_event_target": Changes(
        {"arn": f"{FUNCTION}-2", "input": "{}"}, {"rule": "other"}
    ),
    "aws_cloudwatch_log_group": Changes({"retention_in_days": 30}, NAME),
    "aws_cloudwatch_metric_alarm": Changes(
        {"threshold": 2, "metric_name": "Other", "period": 10}, {"alarm_name": "other"}
    ),
    "aws_codebuild_project": Changes({"build_timeout": 30, "description": "new"}, NAME),
    "aws_codepipeline": Changes({"pipeline_type": "V2", "stage": stages(version="2")}, NAME),
    "aws_dynamodb_table": Changes(
        {"deletion_protection_enabled": True, "replica": [], "tags": {"a": "b"}},
        {"name": "other", "range_key": "region"},
    ),
    "aws_iam_policy": Changes({"policy": '{"Statement":[]}'}, {"description": "new", "path": "/"}),
    "aws_iam_role_policy_attachment": Changes({}, {"role": "other"}),
    "aws_iot_ca_certificate": Changes(
        {"active": False, "allow_auto_registration": True}, {"certificate_mode": "SNI_ONLY"}
    ),
    "aws_iot_event_configurations": Changes({"event_configurations": {"THING": False}}, {}),
    "aws_iot_provisioning_template": Changes({"template_body": '{"a":1}', "enabled": True}, NAME),
    "aws_iot_topic_rule": Changes(
        {"sql": "SELECT 1 FROM 'b'", "enabled": False, "kinesis": [TO_KINESIS]}, NAME
    ),
    "aws_kinesis_stream": Changes(
        {"retention_period": 48, "encryption_type": "KMS", "kms_key_id": "k"}, NAME
    ),
    "aws_kms_key": Changes(
        {"description": "new", "enable_key_rotation": True}, {"multi_region": True}
    ),
    "aws_lambda_event_source_mapping": Changes(
        {"batch_size": 5, "function_name": "other", "filter_criteria": [FILTER]},
        {"event_source_arn": QUEUE, "starting_position": "LATEST"},
    ),
    "aws_lambda_function": Changes(
        {"timeout": 5, "source_code_hash": "new", **variables(HOST="b")}, {"function_name": "other"}
    ),
    "aws_lambda_permission": Changes(
        {}, {"source_account": "111111111111", "source_arn": FUNCTION}
    ),
    "aws_s3_bucket_lifecycle_configuration": Changes(
        {"rule": [{**LIFECYCLE_RULE, "status": "Disabled"}]}, {"bucket": "other"}
    ),
    "aws_sns_topic": Changes({"policy": "{}", "kms_master_key_id": "alias/own"}, NAME),
    "aws_sqs_queue": Changes({"delay_seconds": 1, "policy": "{}", "tags": {"a": "b"}}, NAME),
    "aws_sqs_queue_policy": Changes({"policy": '{"a":1}'}, {"queue_url": f"{QUEUE_URL}-2"}),
}


ACCEPTED: dict[str, list[dict[str, Any]]] = {
    "aws_cloudwatch_event_rule": [
        {"schedule_expression": "rate(10 minutes)"},
        {"schedule_expression": "cron(0 12 * * ? *)"},
        {"event_bus_name": BUS},
        pattern(source=["aws.acm"]),
    ],
    "aws_cloudwatch_metric_alarm": [
        {"period": 10},
        {"period": 86_400},
        {"statistic": None, "extended_statistic": "p99.9"},
        {"statistic": None, "extended_statistic": "TM(10%:90%)"},
        {"unit": "Count/Second"},
        {"alarm_actions": [TOPIC, "arn:aws:automate:eu-west-1:ec2:stop"]},
        query(stat="p99"),
        query(period=1),
    ],
    "aws_codepipeline": [
        trigger(includes=["main"]),
        condition(configuration={"Value": "1"}),
    ],
    "aws_lambda_event_source_mapping": [
        {"maximum_record_age_in_seconds": -1, "maximum_retry_attempts": -1},
    ],
    "aws_lambda_function": [
        {"reserved_concurrent_executions": 0},
        {**dict.fromkeys(ZIP), "package_type": "Image", "image_uri": "x"},
    ],
    "aws_lambda_permission": [
        {"function_name": name}
        for name in (FUNCTION, f"{FUNCTION}:live", "111111111111:function:canary")
    ],
}


@pytest.mark.parametrize(
    ("type_", "changes", "said"),
    [(type_, *row) for type_, rows in REFUSED.items() for row in rows],
)
def test_a_wrong_argument_is_refused(
    kind: Callable[[str], Kind], type_: str, changes: dict[str, Any], said: str
) -> None:
    assert said in kind(type_).refused(**changes)


@pytest.mark.parametrize("type_", ARGUMENTS)
def test_what_aws_takes_is_not_refused(kind: Callable[[str], Kind], type_: str) -> None:
    for changes in ({}, *ACCEPTED.get(type_, ())):
        assert kind(type_).refused(**changes) == ""


def test_each_type_with_valid_arguments_is_changed() -> None:
    assert CHANGES.keys() == ARGUMENTS.keys()


@pytest.mark.parametrize("type_", CHANGES)
def test_what_a_change_replaces(kind: Callable[[str], Kind], type_: str) -> None:
    in_place, replacing = CHANGES[type_]
    assert kind(type_).replaced_by(**in_place) == []
    for argument, value in replacing.items():
        assert kind(type_).replaced_by(**{argument: value}) == [argument]

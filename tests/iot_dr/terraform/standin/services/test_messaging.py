"""What is planned and answered for topics, queues, streams and their readers."""

from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind
from tests.iot_dr.terraform.standin.services.resources import FUNCTION, QUEUE, QUEUE_URL, STREAM

Kinds = Callable[[str], Kind]


def test_a_topic_is_known_by_its_arn(kind: Kinds) -> None:
    made = kind("aws_sns_topic").apply()
    assert made["arn"] == made["id"] == "arn:aws:sns:eu-west-1:111111111111:alarms"
    assert made["owner"] == "111111111111"


def test_a_topic_without_a_name_gets_one(kind: Kinds) -> None:
    topic = kind("aws_sns_topic")
    made = topic.apply(name=None)
    assert made["name"].startswith("terraform-")
    assert made["arn"].endswith(made["name"])
    assert topic.apply(name=None, fifo_topic=True)["name"].endswith(".fifo")


def test_a_policy_is_written_as_the_provider_writes_it(kind: Kinds) -> None:
    topic = kind("aws_sns_topic")
    planned = topic.plan(policy='{"Version": "2012-10-17", "Statement": []}')
    assert planned["policy"] == '{"Statement":[],"Version":"2012-10-17"}'
    assert topic.plan()["policy"] == UNKNOWN


def test_a_queue_is_known_by_its_url(kind: Kinds) -> None:
    made = kind("aws_sqs_queue").apply()
    assert (made["id"], made["url"]) == (QUEUE_URL, QUEUE_URL)
    assert made["arn"] == "arn:aws:sqs:eu-west-1:111111111111:lost"


def test_a_queue_without_a_name_gets_one_and_a_fifo_queue_one_that_says_so(kind: Kinds) -> None:
    queue = kind("aws_sqs_queue")
    assert queue.apply(name=None)["name"].startswith("terraform-")
    assert queue.apply(name=None, name_prefix="a-", fifo_queue=True)["name"].endswith(".fifo")


def test_a_queue_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    planned = kind("aws_sqs_queue").plan()
    assert planned["message_retention_seconds"] == 345_600
    assert planned["visibility_timeout_seconds"] == 30
    assert (planned["delay_seconds"], planned["max_message_size"]) == (0, 262_144)
    for name in ("policy", "redrive_policy", "sqs_managed_sse_enabled"):
        assert planned[name] == UNKNOWN, name


@pytest.mark.parametrize(
    ("changes", "is_own", "period"),
    [
        ({}, True, 300),
        ({"sqs_managed_sse_enabled": True}, True, 0),
        ({"kms_master_key_id": "alias/aws/sqs"}, False, 300),
    ],
)
def test_a_queue_is_encrypted_with_sqs_s_own_key_by_default(
    kind: Kinds, changes: dict[str, Any], is_own: bool, period: int
) -> None:
    made = kind("aws_sqs_queue").apply(**changes)
    assert made["sqs_managed_sse_enabled"] is is_own
    assert made["kms_data_key_reuse_period_seconds"] == period


def test_documents_are_written_as_the_provider_does(kind: Kinds) -> None:
    planned = kind("aws_sqs_queue").plan(redrive_policy='{"maxReceiveCount": 5, "a": "b"}')
    assert planned["redrive_policy"] == '{"a":"b","maxReceiveCount":5}'


def test_a_policy_is_known_by_its_queue(kind: Kinds) -> None:
    assert kind("aws_sqs_queue_policy").apply()["id"] == QUEUE_URL


def test_a_stream_is_known_by_its_arn(kind: Kinds) -> None:
    made = kind("aws_kinesis_stream").apply()
    assert made["arn"] == "arn:aws:kinesis:eu-west-1:111111111111:stream/telemetry"
    assert made["id"] == made["arn"]


def test_a_stream_takes_the_defaults_that_a_plan_shows(kind: Kinds) -> None:
    stream = kind("aws_kinesis_stream")
    planned = stream.plan()
    assert (planned["encryption_type"], planned["retention_period"]) == ("NONE", 24)
    assert planned["enforce_consumer_deletion"] is False
    assert stream.plan(stream_mode_details=[])["stream_mode_details"] == UNKNOWN


def test_a_mapping_is_known_by_an_id_and_knows_its_function(kind: Kinds) -> None:
    mapping = kind("aws_lambda_event_source_mapping")
    made = mapping.apply()
    assert made["id"] == made["uuid"]
    place = "arn:aws:lambda:eu-west-1:111111111111"
    assert made["arn"] == f"{place}:event-source-mapping:{made['uuid']}"
    assert made["function_arn"] == FUNCTION
    assert mapping.apply(function_name="canary")["function_arn"] == FUNCTION


@pytest.mark.parametrize(("source", "answered"), [(STREAM, (-1, -1, 1)), (QUEUE, (0, 0, 0))])
def test_lambda_s_own_tries_are_for_streams(
    kind: Kinds, source: str, answered: tuple[int, int, int]
) -> None:
    mapping = kind("aws_lambda_event_source_mapping")
    names = ("maximum_record_age_in_seconds", "maximum_retry_attempts", "parallelization_factor")
    planned = mapping.plan(event_source_arn=source)
    assert {planned[name] for name in names} == {UNKNOWN}
    made = mapping.apply(event_source_arn=source)
    assert tuple(made[name] for name in names) == answered

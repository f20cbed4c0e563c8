"""The pipeline's key and topic: who may use them."""

import json
from typing import Any

import pytest

from tests.support.pipeline import PIPELINE
from tests.support.settings import settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template


@pytest.fixture
def pipeline(synthesis: Synthesis) -> Template:
    return synthesis(settings(pipeline=PIPELINE))["iot-dev-pipeline-eu-west-1"]


def statements(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(body["policy"])["Statement"]}


def test_one_key_that_rotates_encrypts_all_that_the_pipeline_keeps(pipeline: Template) -> None:
    (key,) = pipeline.resources("aws_kms_key").values()
    assert key["enable_key_rotation"] is True
    arn = "${aws_kms_key.pipeline.arn}"
    (store,) = pipeline.resources("aws_codepipeline")["pipeline"]["artifact_store"]
    assert store["encryption_key"] == {"id": arn, "type": "KMS"}
    assert pipeline.resources("aws_sns_topic")["pipeline"]["kms_master_key_id"] == arn


def test_the_logs_may_use_the_key_for_these_builds_alone(pipeline: Template) -> None:
    (key,) = pipeline.resources("aws_kms_key").values()
    logs = statements(key)["LogsEncrypt"]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    lead = "arn:aws:logs:eu-west-1:111111111111:log-group:"
    groups = pipeline.resources("aws_cloudwatch_log_group").values()
    context = logs["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    assert sorted(context) == sorted(f"{lead}{each['name']}" for each in groups)


def test_eventbridge_may_use_the_key_for_the_topic_alone(
    pipeline: Template,
) -> None:
    (key,) = pipeline.resources("aws_kms_key").values()
    result = statements(key)["EventsEncrypt"]
    assert result["Principal"] == {"Service": "events.amazonaws.com"}
    assert result["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    (topic,) = pipeline.resources("aws_sns_topic").values()
    arn = f"arn:aws:sns:eu-west-1:111111111111:{topic['name']}"
    # AWS supports neither aws:SourceArn nor aws:SourceAccount here.
    assert result["Condition"] == {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": arn}}
    assert set(statements(key)) == {"AccountAdministers", "LogsEncrypt", "EventsEncrypt"}


def test_eventbridge_publishes_without_a_condition_and_nobody_without_tls(
    pipeline: Template,
) -> None:
    (topic,) = pipeline.resources("aws_sns_topic").values()
    publish, plain = statements(topic).values()
    assert publish["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in publish
    assert publish["Action"] == plain["Action"] == "sns:Publish"
    assert publish["Resource"] == f"arn:aws:sns:eu-west-1:111111111111:{topic['name']}"
    assert (plain["Effect"], plain["Principal"]) == ("Deny", "*")
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

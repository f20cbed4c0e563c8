import json
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


@pytest.fixture
def topic(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_sns_topic", name="alarms")


def test_a_topic_is_known_by_its_arn(topic: Kind) -> None:
    made = topic.apply()
    assert made["arn"] == made["id"] == "arn:aws:sns:eu-west-1:111111111111:alarms"
    assert made["owner"] == "111111111111"


def test_a_topic_without_a_name_gets_one(topic: Kind) -> None:
    made = topic.apply(name=None)
    assert made["name"].startswith("terraform-")
    assert made["arn"].endswith(made["name"])
    assert topic.apply(name=None, fifo_topic=True)["name"].endswith(".fifo")


def test_a_policy_is_written_as_the_provider_writes_it(topic: Kind) -> None:
    planned = topic.plan(policy=json.dumps(POLICY, indent=2))
    assert planned["policy"] == '{"Statement":[],"Version":"2012-10-17"}'
    assert topic.plan()["policy"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a b"}, "letters, digits"),
        ({"name": "x" * 257}, "1 to 256"),
        ({"name_prefix": "x"}, "conflicts"),
        ({"policy": "{"}, "be JSON"),
        ({"signature_version": 3}, "between 1 and 2"),
        ({"tracing_config": "On"}, "Active, PassThrough"),
        ({"http_success_feedback_sample_rate": 101}, "between 0 and 100"),
        ({"lambda_failure_feedback_role_arn": "role"}, "be an ARN"),
        ({"fifo_throughput_scope": "Topic"}, '"fifo_throughput_scope" needs "fifo_topic"'),
    ],
)
def test_a_wrong_topic_is_refused(topic: Kind, changes: dict[str, Any], said: str) -> None:
    assert topic.refused() == ""
    assert said in topic.refused(**changes)


def test_what_a_change_replaces(topic: Kind) -> None:
    assert topic.replaced_by(policy=json.dumps(POLICY), kms_master_key_id="alias/own") == []
    assert topic.replaced_by(name="other") == ["name"]

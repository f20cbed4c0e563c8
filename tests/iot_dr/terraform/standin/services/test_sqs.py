import json
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

URL = "https://sqs.eu-west-1.amazonaws.com/111111111111/lost"


@pytest.fixture
def queue(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_sqs_queue", name="lost")


@pytest.fixture
def policy(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_sqs_queue_policy", queue_url=URL, policy="{}")


def test_a_queue_is_known_by_its_url(queue: Kind) -> None:
    made = queue.apply()
    assert (made["id"], made["url"]) == (URL, URL)
    assert made["arn"] == "arn:aws:sqs:eu-west-1:111111111111:lost"


def test_a_queue_without_a_name_gets_one_and_a_fifo_queue_one_that_says_so(queue: Kind) -> None:
    assert queue.apply(name=None)["name"].startswith("terraform-")
    assert queue.apply(name=None, name_prefix="a-", fifo_queue=True)["name"].endswith(".fifo")


def test_a_queue_takes_the_defaults_that_a_plan_shows(queue: Kind) -> None:
    planned = queue.plan()
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
    queue: Kind, changes: dict[str, Any], is_own: bool, period: int
) -> None:
    made = queue.apply(**changes)
    assert made["sqs_managed_sse_enabled"] is is_own
    assert made["kms_data_key_reuse_period_seconds"] == period


def test_documents_are_written_as_the_provider_does(queue: Kind) -> None:
    planned = queue.plan(redrive_policy=json.dumps({"maxReceiveCount": 5, "a": "b"}))
    assert planned["redrive_policy"] == '{"a":"b","maxReceiveCount":5}'


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a b"}, "1 to 80 letters"),
        ({"name": "x" * 81}, "1 to 80 letters"),
        ({"delay_seconds": 901}, "between 0 and 900"),
        ({"message_retention_seconds": 59}, "between 60 and 1209600"),
        ({"visibility_timeout_seconds": 43_201}, "between 0 and 43200"),
        ({"policy": "{"}, "be JSON"),
        ({"name_prefix": "x"}, "conflicts"),
        ({"kms_master_key_id": "k", "sqs_managed_sse_enabled": True}, "conflicts"),
    ],
)
def test_a_wrong_queue_is_refused(queue: Kind, changes: dict[str, Any], said: str) -> None:
    assert queue.refused() == ""
    assert said in queue.refused(**changes)


def test_a_policy_is_known_by_its_queue(policy: Kind) -> None:
    assert policy.apply()["id"] == URL
    assert "be JSON" in policy.refused(policy="{")


def test_what_a_change_replaces(queue: Kind, policy: Kind) -> None:
    assert queue.replaced_by(delay_seconds=1, policy="{}", tags={"a": "b"}) == []
    assert queue.replaced_by(name="other") == ["name"]
    assert policy.replaced_by(policy='{"a":1}') == []
    assert policy.replaced_by(queue_url=f"{URL}-2") == ["queue_url"]

from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

ON_DEMAND = {"stream_mode_details": [{"stream_mode": "ON_DEMAND"}]}


@pytest.fixture
def stream(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_kinesis_stream", name="telemetry", **ON_DEMAND)


def test_a_stream_is_known_by_its_arn(stream: Kind) -> None:
    made = stream.apply()
    assert made["arn"] == "arn:aws:kinesis:eu-west-1:111111111111:stream/telemetry"
    assert made["id"] == made["arn"]


def test_a_stream_takes_the_defaults_that_a_plan_shows(stream: Kind) -> None:
    planned = stream.plan()
    assert (planned["encryption_type"], planned["retention_period"]) == ("NONE", 24)
    assert planned["enforce_consumer_deletion"] is False
    assert stream.plan(stream_mode_details=[])["stream_mode_details"] == UNKNOWN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a b"}, "letters, digits"),
        ({"encryption_type": "AES"}, "NONE, KMS"),
        ({"retention_period": 23}, "between 24 and 8760"),
        ({"stream_mode_details": [{"stream_mode": "SOME"}]}, "ON_DEMAND, PROVISIONED"),
    ],
)
def test_a_wrong_stream_is_refused(stream: Kind, changes: dict[str, Any], said: str) -> None:
    assert stream.refused() == ""
    assert said in stream.refused(**changes)


def test_what_a_change_replaces(stream: Kind) -> None:
    assert stream.replaced_by(retention_period=48, encryption_type="KMS", kms_key_id="k") == []
    assert stream.replaced_by(name="other") == ["name"]

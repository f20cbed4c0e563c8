import json
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:telemetry"
STREAM = "arn:aws:kinesis:eu-west-1:111111111111:stream/telemetry"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:changes"


@pytest.fixture
def mapping(cache: SchemaCache) -> Kind:
    known = {"event_source_arn": STREAM, "starting_position": "TRIM_HORIZON"}
    return Kind(cache, "aws_lambda_event_source_mapping", function_name=FUNCTION, **known)


def test_a_mapping_is_known_by_an_id_and_knows_its_function(mapping: Kind) -> None:
    made = mapping.apply()
    assert made["id"] == made["uuid"]
    place = "arn:aws:lambda:eu-west-1:111111111111"
    assert made["arn"] == f"{place}:event-source-mapping:{made['uuid']}"
    assert made["function_arn"] == FUNCTION
    assert mapping.apply(function_name="telemetry")["function_arn"] == FUNCTION


@pytest.mark.parametrize(("source", "answered"), [(STREAM, (-1, -1, 1)), (QUEUE, (0, 0, 0))])
def test_lambda_s_own_tries_are_for_streams(
    mapping: Kind, source: str, answered: tuple[int, int, int]
) -> None:
    names = ("maximum_record_age_in_seconds", "maximum_retry_attempts", "parallelization_factor")
    planned = mapping.plan(event_source_arn=source)
    assert {planned[name] for name in names} == {UNKNOWN}
    made = mapping.apply(event_source_arn=source)
    assert tuple(made[name] for name in names) == answered


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"event_source_arn": None}, "one of event_source_arn, self_managed_event_source"),
        ({"starting_position": "FIRST"}, "AT_TIMESTAMP, LATEST, TRIM_HORIZON"),
        ({"maximum_record_age_in_seconds": 59}, "between 60 and 604800"),
        ({"maximum_retry_attempts": 10_001}, "between -1 and 10000"),
        ({"parallelization_factor": 11}, "between 1 and 10"),
        ({"function_response_types": ["All"]}, "ReportBatchItemFailures"),
        ({"scaling_config": [{"maximum_concurrency": 1}]}, "between 2 and 1000"),
        ({"filter_criteria": [{"filter": [{"pattern": "x" * 4097}]}]}, "0 to 4096"),
        (
            {"destination_config": [{"on_failure": [{"destination_arn": "queue"}]}]},
            "be an ARN",
        ),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: Kind, changes: dict[str, Any], said: str) -> None:
    assert mapping.refused() == ""
    assert said in mapping.refused(**changes)


def test_a_record_may_be_tried_for_ever(mapping: Kind) -> None:
    assert mapping.refused(maximum_record_age_in_seconds=-1, maximum_retry_attempts=-1) == ""


def test_what_a_change_replaces(mapping: Kind) -> None:
    pattern = json.dumps({"eventName": ["INSERT"]})
    filtered = {"filter_criteria": [{"filter": [{"pattern": pattern}]}]}
    assert mapping.replaced_by(batch_size=5, function_name="other", **filtered) == []
    assert mapping.replaced_by(event_source_arn=QUEUE) == ["event_source_arn"]
    assert mapping.replaced_by(starting_position="LATEST") == ["starting_position"]

from typing import Any

import pytest

from iot_dr.rules.us_east_1_in_regional_stack import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, ZONE, judged, ours

VIRGINIA = {"alias": "virginia", "region": "us-east-1"}


def with_virginia(stack: str) -> dict[str, Any]:
    """Give our design, with a provider in us-east-1 in a stack."""
    documents = ours()
    documents[stack]["provider"]["aws"].append(VIRGINIA)
    return documents


def test_a_regional_stack_with_it_is_refused_even_if_nothing_uses_it() -> None:
    (found,) = judged(RULE, with_virginia(FRANKFURT))
    assert found.stack == FRANKFURT
    assert "has the provider aws.virginia in us-east-1" in found.message


def test_resources_there_do_not_make_it_a_stack_of_two_regions() -> None:
    documents = with_virginia(FRANKFURT)
    alarms = documents[FRANKFURT]["resource"]["aws_cloudwatch_metric_alarm"]
    alarms["there"] = {"provider": "aws.virginia"}
    assert len(judged(RULE, documents)) == 1


@pytest.mark.parametrize("stack", [ENTRY_POINT, ZONE])
def test_a_stack_that_is_no_regions_passes(stack: str) -> None:
    assert judged(RULE, with_virginia(stack)) == []


def test_an_environment_whose_region_is_us_east_1_passes() -> None:
    document = {
        "provider": {"aws": [{"alias": "us_east_1", "region": "us-east-1"}]},
        "resource": {"aws_iot_policy": {"device": {"provider": "aws.us_east_1"}}},
    }
    assert judged(RULE, {"iot-dev-iot-us-east-1": document}) == []


def test_a_stack_that_has_nothing_to_do_with_a_failover_passes() -> None:
    document: dict[str, Any] = {
        "provider": {"aws": [{"region": "eu-west-1"}, VIRGINIA]},
        "resource": {"aws_cloudfront_distribution": {"site": {}}, "aws_s3_bucket": {"site": {}}},
    }
    assert judged(RULE, {"website": document}) == []

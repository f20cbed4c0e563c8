from typing import Any

import pytest

from iot_dr.rules.standby_needs_other_region import RULE as NEEDS_OTHER
from iot_dr.rules.us_east_1_in_regional_stack import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, ZONE, judged, ours

VIRGINIA = {"alias": "virginia", "region": "us-east-1"}
THERE = {"provider": "aws.virginia"}


def with_virginia(stack: str) -> dict[str, Any]:
    """Return our design, with a provider in us-east-1 in a stack."""
    documents = ours()
    documents[stack]["provider"]["aws"].append(VIRGINIA)
    return documents


def test_a_regional_stack_with_it_is_refused_even_if_nothing_uses_it() -> None:
    (finding,) = judged(RULE, with_virginia(FRANKFURT))
    assert finding.stack == FRANKFURT
    assert "has the provider aws.virginia in us-east-1" in finding.message


def test_resources_there_do_not_make_it_a_stack_of_two_regions() -> None:
    documents = with_virginia(FRANKFURT)
    alarms = documents[FRANKFURT]["resource"]["aws_cloudwatch_metric_alarm"]
    alarms["there"] = {"provider": "aws.virginia"}
    assert len(judged(RULE, documents)) == 1


@pytest.mark.parametrize("stack", [ENTRY_POINT, ZONE])
def test_a_stack_that_is_not_of_a_region_passes(stack: str) -> None:
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


def mirrored(**more: Any) -> dict[str, Any]:
    """Return somebody else's stacks of two regions, Ireland's with us-east-1 and more besides."""
    result: dict[str, Any] = {
        "aws_iot_policy": {"device": {}},
        "aws_lambda_function": {"canary": {}},
    }
    return {
        "platform-eu-west-1": {
            "provider": {"aws": [{"region": "eu-west-1"}, VIRGINIA]},
            "resource": result | more,
        },
        "platform-us-west-2": {"provider": {"aws": [{"region": "us-west-2"}]}, "resource": result},
    }


def test_somebody_elses_stack_that_has_a_mirror_in_another_region_is_refused() -> None:
    (finding,) = judged(RULE, mirrored(aws_acm_certificate={"site": THERE}))
    assert finding.stack == "platform-eu-west-1"


def test_a_stack_of_two_regions_has_no_mirror_in_a_third() -> None:
    assert judged(RULE, mirrored(aws_iot_policy={"device": {}, "there": THERE})) == []


def test_stacks_of_similar_names_but_other_types_are_not_counterparts() -> None:
    documents = mirrored()
    documents["platform-us-west-2"]["resource"] = {"aws_s3_bucket": {"logs": {}}}
    assert judged(RULE, documents) == []


@pytest.mark.parametrize(
    "resource",
    [
        {"aws_iot_policy": {"east": THERE, "west": {}}, "aws_lb": {"east": THERE, "west": {}}},
        {"aws_iot_thing_type": {"t": {}}, "aws_acm_certificate": {"cloudfront": THERE}},
    ],
)
def test_one_root_module_of_two_regions_or_with_a_global_certificate_passes(
    resource: dict[str, Any],
) -> None:
    document = {"provider": {"aws": [{"region": "us-west-2"}, VIRGINIA]}, "resource": resource}
    assert judged(RULE, {"main": document}) == []
    assert judged(NEEDS_OTHER, {"main": document}) == []

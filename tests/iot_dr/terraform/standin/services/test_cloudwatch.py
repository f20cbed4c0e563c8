from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind

TOPIC = "arn:aws:sns:eu-west-1:111111111111:alarms"
METRIC = {"metric_name": "Outcome", "namespace": "IotDr/Canary", "statistic": "Sum", "period": 60}
QUERY = {
    **dict.fromkeys(METRIC),
    "metric_query": [{"id": "m", "metric": [{"metric_name": "M", "period": 60, "stat": "p99"}]}],
}


def query(**metric: Any) -> dict[str, Any]:
    whole = {"metric_name": "M", "period": 60, "stat": "Sum", **metric}
    return {**QUERY, "metric_query": [{"id": "m", "metric": [whole]}]}


@pytest.fixture
def group(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_cloudwatch_log_group", name="/aws/lambda/canary")


@pytest.fixture
def alarm(cache: SchemaCache) -> Kind:
    when = {"comparison_operator": "LessThanThreshold", "threshold": 1, "evaluation_periods": 3}
    return Kind(cache, "aws_cloudwatch_metric_alarm", alarm_name="canary", **METRIC, **when)


def test_a_log_group_is_kept_for_ever_by_default(group: Kind) -> None:
    assert group.plan()["retention_in_days"] == 0
    made = group.apply(retention_in_days=30)
    assert made["arn"] == "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/canary"
    assert (made["id"], made["name_prefix"]) == ("/aws/lambda/canary", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"retention_in_days": 2}, "be one of 0, 1, 3, 5, 7"),
        ({"name": "a b"}, "letters, digits"),
        ({"name": "x" * 513}, "1 to 512"),
        ({"name_prefix": "x"}, "conflicts"),
        ({"log_group_class": "CHEAP"}, "INFREQUENT_ACCESS"),
    ],
)
def test_a_wrong_log_group_is_refused(group: Kind, changes: dict[str, Any], said: str) -> None:
    assert group.refused() == ""
    assert said in group.refused(**changes)


def test_an_alarm_has_the_name_of_its_region(alarm: Kind) -> None:
    made = alarm.apply()
    assert made["arn"] == "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:canary"
    assert made["id"] == "canary"


def test_an_alarm_takes_missing_data_as_missing_by_default(alarm: Kind) -> None:
    planned = alarm.plan()
    assert (planned["treat_missing_data"], planned["actions_enabled"]) == ("missing", True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comparison_operator": "Less"}, "GreaterThanThreshold"),
        ({"evaluation_periods": 0}, "between 1"),
        ({"datapoints_to_alarm": 0}, "between 1"),
        ({"period": 45}, "10, 20, 30 or a multiple of 60, got 45"),
        ({"period": 0}, "a multiple of 60, got 0"),
        ({"statistic": "Mean"}, "SampleCount"),
        ({"statistic": None}, "one of statistic, extended_statistic, metric_query must be set"),
        ({"extended_statistic": "p99"}, "conflicts"),
        ({"statistic": None, "extended_statistic": "q99"}, "a percentile"),
        ({"metric_name": None}, "one of metric_name, metric_query must be set"),
        ({"namespace": ":own"}, "begins with no colon"),
        ({"treat_missing_data": "bad"}, "missing, ignore, breaching, notBreaching"),
        ({"alarm_actions": ["somebody"]}, "be an ARN"),
        ({"ok_actions": [f"{TOPIC}{number}" for number in range(6)]}, "5 members at most, got 6"),
        ({"threshold_metric_id": "m"}, "conflicts"),
        ({"unit": "Hours"}, "Seconds"),
        ({"metric_query": QUERY["metric_query"]}, "conflicts"),
        (query(period=61), "be one of 1, 5, 10, 20, 30 or a multiple of 60"),
        (query(stat="Mean"), "a statistic"),
    ],
)
def test_a_wrong_alarm_is_refused(alarm: Kind, changes: dict[str, Any], said: str) -> None:
    assert alarm.refused() == ""
    assert said in alarm.refused(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"period": 10},
        {"period": 86_400},
        {"statistic": None, "extended_statistic": "p99.9"},
        {"statistic": None, "extended_statistic": "TM(10%:90%)"},
        {"unit": "Count/Second"},
        {"alarm_actions": [TOPIC, "arn:aws:automate:eu-west-1:ec2:stop"]},
        QUERY,
        query(period=1),
    ],
)
def test_what_cloudwatch_takes_passes(alarm: Kind, changes: dict[str, Any]) -> None:
    assert alarm.refused(**changes) == ""


def test_dimensions_with_one_unknown_are_unknown_as_a_whole(alarm: Kind) -> None:
    known = {"Region": "eu-west-1"}
    assert alarm.plan(dimensions=known)["dimensions"] == known
    assert alarm.plan(dimensions={**known, "Check": UNKNOWN})["dimensions"] == UNKNOWN


def test_what_a_change_replaces(group: Kind, alarm: Kind) -> None:
    assert group.replaced_by(retention_in_days=30) == []
    assert group.replaced_by(name="other") == ["name"]
    assert alarm.replaced_by(threshold=2, metric_name="Other", period=10) == []
    assert alarm.replaced_by(alarm_name="other") == ["alarm_name"]

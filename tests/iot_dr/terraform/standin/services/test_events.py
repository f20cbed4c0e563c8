import json
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:watcher"
EVERY_MINUTE = {"schedule_expression": "rate(1 minute)"}
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/own"


def pattern(**document: Any) -> dict[str, Any]:
    return {"schedule_expression": None, "event_pattern": json.dumps(document)}


@pytest.fixture
def rule(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_cloudwatch_event_rule", name="watcher", **EVERY_MINUTE)


@pytest.fixture
def target(cache: SchemaCache) -> Kind:
    known = {"rule": "watcher", "arn": FUNCTION, "target_id": "function"}
    return Kind(cache, "aws_cloudwatch_event_target", **known)


def test_a_rule_is_on_the_default_bus_by_default(rule: Kind) -> None:
    made = rule.apply()
    assert (made["event_bus_name"], made["id"]) == ("default", "watcher")
    assert made["arn"] == "arn:aws:events:eu-west-1:111111111111:rule/watcher"
    assert rule.apply(event_bus_name="own")["arn"].endswith(":rule/own/watcher")


def test_a_pattern_is_written_as_eventbridge_writes_it(rule: Kind) -> None:
    planned = rule.plan(**pattern(source=["<x>"], account=["1"]))
    assert planned["event_pattern"] == '{"account":["1"],"source":["<x>"]}'


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schedule_expression": "every minute"}, "rate(1 minute)"),
        ({"schedule_expression": "rate(1 minutes)"}, "rate(1 minute)"),
        ({"schedule_expression": "rate(2 minute)"}, "rate(5 minutes)"),
        ({"schedule_expression": "cron(0 12 * * *)"}, "six fields"),
        ({"name": "a b"}, "letters, digits"),
        ({"name": "x" * 65}, "1 to 64"),
        ({"description": "x" * 513}, "0 to 512"),
        ({"state": "ON"}, "ENABLED, DISABLED"),
        ({"state": "DISABLED", "is_enabled": False}, "conflicts"),
        ({"event_bus_name": "a b"}, "a bus's name"),
        ({"event_bus_name": BUS.replace("event-bus", "rule")}, "a bus's name"),
        ({"schedule_expression": None, "event_pattern": "{"}, "be JSON"),
        (pattern(source=["x" * 4096]), "0 to 4096"),
    ],
)
def test_a_wrong_rule_is_refused(rule: Kind, changes: dict[str, Any], said: str) -> None:
    assert rule.refused() == ""
    assert said in rule.refused(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule_expression": "rate(10 minutes)"},
        {"schedule_expression": "cron(0 12 * * ? *)"},
        {"event_bus_name": BUS},
        pattern(source=["aws.acm"]),
    ],
)
def test_what_eventbridge_takes_passes(rule: Kind, changes: dict[str, Any]) -> None:
    assert rule.refused(**changes) == ""


def test_a_target_is_known_by_rule_and_name(target: Kind) -> None:
    assert target.apply()["id"] == "watcher-function"
    assert target.apply(event_bus_name="own")["id"] == "own-watcher-function"
    nameless = target.apply(target_id=None)
    assert nameless["target_id"].startswith("terraform-")
    assert nameless["id"] == f"watcher-{nameless['target_id']}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arn": "function"}, "be an ARN"),
        ({"target_id": "a b"}, "letters, digits"),
        ({"input": "{"}, "be JSON"),
        ({"input": "{}", "input_path": "$"}, "conflicts"),
        ({"retry_policy": [{"maximum_retry_attempts": 186}]}, "between 0 and 185"),
        ({"retry_policy": [{"maximum_event_age_in_seconds": 86_401}]}, "between 0 and 86400"),
    ],
)
def test_a_wrong_target_is_refused(target: Kind, changes: dict[str, Any], said: str) -> None:
    assert target.refused() == ""
    assert said in target.refused(**changes)


def test_what_a_change_replaces(rule: Kind, target: Kind) -> None:
    assert rule.replaced_by(schedule_expression="rate(2 minutes)", description="new") == []
    assert rule.replaced_by(name="other") == ["name"]
    assert target.replaced_by(arn=f"{FUNCTION}-2", input="{}") == []
    assert target.replaced_by(rule="other") == ["rule"]

from typing import Any

import pytest

from iot_dr.rules.routing_without_health import RULE
from iot_dr.rules.rule import Finding, Verdict
from tests.iot_dr.rules.designs import judged

RECORD = "aws_route53_record"
TARGETS = ("app.eu-west-1.elb.amazonaws.com", "app.eu-central-1.elb.amazonaws.com")
Values = dict[str, Any]


def judged_records(*changes: Values, targets: tuple[str, ...] = TARGETS) -> list[Finding]:
    """Return the findings about two records of one name, each with a change."""
    records = {
        f"r{number}": {
            "zone_id": "Z1",
            "name": "app.example.com",
            "type": "CNAME",
            "ttl": 60,
            "records": [target],
            "set_identifier": str(number),
            **change,
        }
        for number, (target, change) in enumerate(zip(targets, changes, strict=True))
    }
    return judged(RULE, {"dns": {"resource": {RECORD: records}}})


LATENCY: Values = {"latency_routing_policy": {"region": "eu-west-1"}}
MULTIVALUE: Values = {"multivalue_answer_routing_policy": True}
HEALTH: Values = {"health_check_id": "11111111-1111-1111-1111-111111111111"}


def weight(number: object) -> Values:
    return {"weighted_routing_policy": {"weight": number}}


def alias(target: str, flag: object) -> Values:
    return {"alias": {"name": target, "zone_id": "Z2", "evaluate_target_health": flag}}


@pytest.mark.parametrize(
    ("first", "second", "unchecked"),
    [
        (LATENCY, LATENCY, 2),
        (LATENCY | HEALTH, LATENCY, 1),
        (MULTIVALUE, MULTIVALUE, 2),
        (weight(50), weight(50), 2),
        (weight(100), weight(0) | HEALTH, 1),
        (LATENCY | alias(TARGETS[0], flag=False), LATENCY | alias(TARGETS[1], flag=True), 1),
    ],
)
def test_records_in_two_regions_without_health_are_refused(
    first: Values, second: Values, unchecked: int
) -> None:
    (finding,) = judged_records(first, second)
    assert finding.verdict is Verdict.BLOCK
    assert f"{unchecked} of them without a health check" in finding.message
    assert "keeps answering with a region that is down" in finding.message


@pytest.mark.parametrize("weights", [(100, 0), (0, 1), ("255", "0")])
def test_weights_of_which_one_has_all_are_a_manual_switch(weights: tuple[object, object]) -> None:
    (finding,) = judged_records(*(weight(number) for number in weights))
    assert finding.verdict is Verdict.WARN
    assert "through Route 53's control plane, which is in us-east-1" in finding.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LATENCY | HEALTH, LATENCY | HEALTH),
        (weight(100) | HEALTH, weight(0) | HEALTH),
        (
            LATENCY | alias(TARGETS[0], flag=True),
            LATENCY | alias(TARGETS[1], flag="${var.evaluated}"),
        ),
        ({}, {}),
    ],
)
def test_records_with_health_pass(first: Values, second: Values) -> None:
    assert judged_records(first, second) == []


def test_records_in_one_region_or_of_unknown_regions_pass() -> None:
    assert judged_records(LATENCY, LATENCY, targets=(TARGETS[0], TARGETS[0])) == []
    assert judged_records(LATENCY, LATENCY, targets=("one.example.net", "two.example.net")) == []


def test_geolocation_records_may_keep_clients_in_a_region() -> None:
    (finding,) = judged_records(
        {"geolocation_routing_policy": {"continent": "EU"}},
        {"geolocation_routing_policy": {"country": "*"}},
    )
    assert finding.verdict is Verdict.WARN

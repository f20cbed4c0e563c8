from typing import Any

import pytest

from iot_dr.rules.failover_record_without_check import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, our_settings, ours, resources, where

RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"


def changed(id_: str, **changes: Any) -> dict[str, Any]:
    """Return our design of three regions, with a failover record changed."""
    documents = ours(3)
    resources(documents, ENTRY_POINT, RECORD)[id_] |= changes
    return documents


def test_a_check_on_every_record_passes() -> None:
    assert judged(RULE, ours(3)) == []


@pytest.mark.parametrize(
    ("id_", "expected"),
    [
        ("failover_1_primary", "Route 53 never fails over from it"),
        ("failover_3_secondary", "clients go there although it may be down"),
    ],
)
def test_a_record_without_a_check_is_reported_with_the_consequence(id_: str, expected: str) -> None:
    (finding,) = judged(RULE, changed(id_, health_check_id=None))
    assert finding.address == f"{RECORD}.{id_}"
    assert expected in finding.message


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("d111111abcdef8.cloudfront.net", Verdict.WARN),
        ("status.s3-website.eu-west-1.amazonaws.com", Verdict.WARN),
        ("status.example.net", Verdict.BLOCK),
    ],
)
def test_a_secondary_without_a_check_is_a_warning_but_for_ours(
    target: str, verdict: Verdict
) -> None:
    documents = changed("failover_3_secondary", records=[target], health_check_id=None)
    assert [each.verdict for each in judged(RULE, documents)] == [Verdict.WARN]
    assert [each.verdict for each in judged(RULE, documents, our_settings(3))] == [verdict]


@pytest.mark.parametrize("flag", [False, "false", None])
def test_an_alias_that_does_not_look_at_its_target_is_refused(flag: object) -> None:
    alias = {"name": "mqtt-standby-1.iot-dev.example.com", "evaluate_target_health": flag}
    (finding,) = judged(RULE, changed("failover_1_secondary", alias=[alias]))
    assert "does not evaluate its target's health" in finding.message


@pytest.mark.parametrize("flag", [True, "true", "${var.flag}"])
def test_an_alias_that_does_or_may_passes(flag: object) -> None:
    alias = {"name": "mqtt-standby-1.iot-dev.example.com", "evaluate_target_health": flag}
    assert judged(RULE, changed("failover_1_secondary", alias=alias)) == []


def test_an_alias_to_a_plain_record_without_a_check_is_always_healthy() -> None:
    alias = {"name": "mqtt-eu-west-1.iot-dev.example.com", "evaluate_target_health": True}
    (finding,) = judged(RULE, changed("failover_1_primary", alias=alias, health_check_id=None))
    assert "an alias to a name that has a record without a health check" in finding.message


def test_an_alias_to_an_unknown_target_passes() -> None:
    alias = {"name": "balancer.example.net", "evaluate_target_health": True}
    assert judged(RULE, changed("failover_1_primary", alias=alias, health_check_id=None)) == []


def test_a_disabled_check_does_not_count() -> None:
    documents = ours()
    resources(documents, ENTRY_POINT, CHECK)["calculated_deep_eu_west_1"]["disabled"] = True
    findings = judged(RULE, documents)
    assert where(findings) == {f"{ENTRY_POINT}/{RECORD}.failover_1_primary"}
    assert "has a health check that is disabled" in findings[0].message


def added_up(threshold: object, *children: dict[str, Any], **more: Any) -> list[str]:
    """Return the findings about a PRIMARY with a CALCULATED check."""
    checks = {f"child_{number}": {"type": "TCP", **each} for number, each in enumerate(children)}
    ids = [f"${{{CHECK}.{each}.id}}" for each in checks]
    checks["both"] = {
        "type": "CALCULATED",
        "child_health_threshold": threshold,
        "child_healthchecks": ids,
        **more,
    }
    record = {"health_check_id": f"${{{CHECK}.both.id}}", **PRIMARY}
    document = {"resource": {CHECK: checks, RECORD: {"device": record}}}
    return [each.message for each in judged(RULE, {"platform": document})]


PRIMARY = {"name": "mqtt.example.com", "failover_routing_policy": {"type": "PRIMARY"}}
ON: dict[str, Any] = {}
OFF: dict[str, Any] = {"disabled": True}


@pytest.mark.parametrize(
    ("threshold", "children"),
    [(1, [ON]), (2, [ON, ON]), (2, [ON, OFF]), ("${var.least}", [OFF]), (None, [OFF]), (True, [])],
)
def test_a_check_that_follows_its_children_passes(threshold: object, children: list[Any]) -> None:
    assert added_up(threshold, *children) == []


@pytest.mark.parametrize(
    ("threshold", "children", "expected"),
    [
        (0, [ON, ON], "requires 0 healthy children"),
        ("0", [ON], "so it is always healthy"),
        (1, [ON, OFF], "as many are disabled or always healthy"),
        (1, [OFF], "as many are disabled or always healthy"),
    ],
)
def test_a_check_that_is_always_healthy_does_not_count(
    threshold: object, children: list[Any], expected: str
) -> None:
    (finding,) = added_up(threshold, *children)
    assert expected in finding
    assert "so it is always healthy: Route 53 never fails over from it" in finding


@pytest.mark.parametrize(
    ("threshold", "children"),
    [(3, [ON, ON]), (2, [ON, {**OFF, "invert_healthcheck": True}]), (1, [])],
)
def test_a_check_that_is_never_healthy_is_reported_with_the_consequence(
    threshold: int, children: list[Any]
) -> None:
    (finding,) = added_up(threshold, *children)
    assert "and can never have as many, so it is always unhealthy" in finding
    assert "clients go to the other one even while this one is healthy" in finding


def test_an_inverted_check_says_the_opposite() -> None:
    (finding,) = added_up(0, ON, invert_healthcheck=True)
    assert "and that is inverted, so it is always unhealthy" in finding
    assert (
        "that is disabled and that is inverted, so"
        in added_up(1, disabled=True, invert_healthcheck="true")[0]
    )


def test_a_secondary_that_never_is_healthy_never_takes_over() -> None:
    documents = ours()
    checks = resources(documents, ENTRY_POINT, CHECK)
    checks["tcp_eu_central_1"] |= {"disabled": True, "invert_healthcheck": True}
    findings = judged(RULE, documents)
    assert any("a failover never happens" in each.message for each in findings)


def test_a_check_that_adds_itself_up_passes() -> None:
    itself = f"${{{CHECK}.both.id}}"
    assert added_up(1, child_healthchecks=[itself]) == []


def test_names_that_are_aliases_of_each_other_end() -> None:
    documents = ours()
    records = resources(documents, ENTRY_POINT, RECORD)
    for id_ in ("failover_1_primary", "failover_1_secondary"):
        records[id_] |= {
            "health_check_id": None,
            "alias": {"name": "mqtt.iot-dev.example.com", "evaluate_target_health": True},
        }
    assert judged(RULE, documents) == []

from typing import Any

import pytest

from environments.settings import Settings
from iot_dr.forecast.recovery_time import recovery_time
from iot_dr.generate.expectation import recovery_inputs
from iot_dr.rules.recovery_over_target import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, Documents, judged, ours, resources
from tests.support.settings import settings

FAST = {"interval": 10, "threshold": 2}


def with_target(rto: int, **recovery: Any) -> Settings:
    """Return settings of a fast check and a small fleet, by default."""
    return settings(health=FAST, recovery={"rto": rto, "fleet": 1000, **recovery})


def test_a_target_that_even_the_worst_case_keeps_passes() -> None:
    assert judged(RULE, {}, with_target(600)) == []


def test_a_target_that_the_fleet_misses_blocks_and_names_the_largest_term() -> None:
    (finding,) = judged(RULE, {}, with_target(120, fleet=1_000_000))
    assert finding.verdict is Verdict.BLOCK
    assert "recovery.rto is 120 s" in finding.message
    assert "The largest term is throttle, up to 2000 s" in finding.message
    assert "recovery.connect_rate 1000 instead of 500 gives" in finding.message


def test_a_change_that_would_gain_nothing_is_named() -> None:
    (finding,) = judged(RULE, {}, with_target(120, fleet=1_000_000))
    assert "changing recovery.backoff_ceiling has no effect" in finding.message


def test_the_best_change_is_reported_to_miss_the_target_where_it_does() -> None:
    (missed,) = judged(RULE, {}, with_target(120, fleet=1_000_000))
    assert "still misses the target: change several settings" in missed.message
    p99 = recovery_time(recovery_inputs(with_target(600, fleet=100_000))).p99
    (remaining,) = judged(RULE, {}, with_target(int(p99) - 10, fleet=100_000))
    assert "misses" not in remaining.message


def test_a_target_blocks_exactly_when_99_percent_are_back_later() -> None:
    for rto in range(30, 400, 10):
        chosen = with_target(rto)
        p99 = recovery_time(recovery_inputs(chosen)).p99
        assert [finding.verdict for finding in judged(RULE, {}, chosen)] == [Verdict.BLOCK] * (
            p99 > rto
        )


@pytest.mark.parametrize("documents", [{}, {"foreign": {"resource": {}}}])
def test_without_settings_nothing_is_known_of_the_fleet(documents: dict[str, Any]) -> None:
    assert judged(RULE, documents) == []


@pytest.mark.parametrize(
    ("name", "is_over"), [("mqtt.iot-dev.example.com", True), ("other", False)]
)
def test_the_ttl_of_the_records_counts_if_it_is_longer(name: str, *, is_over: bool) -> None:
    chosen = with_target(200)
    assert judged(RULE, {}, chosen) == []
    record = {"zone_id": "Z1", "name": name, "type": "CNAME", "ttl": 3600}
    results = judged(
        RULE, {"dns": {"resource": {"aws_route53_record": {"device": record}}}}, chosen
    )
    assert [finding.verdict for finding in results] == [Verdict.BLOCK] * is_over
    assert all("have a TTL of 3600 s, endpoint.ttl is" in each.message for each in results)


def with_checks(**arguments: object) -> Documents:
    """Return our stacks with arguments of every endpoint check of the entry point."""
    documents = ours(mode="shallow")
    for id_, check in resources(documents, ENTRY_POINT, "aws_route53_health_check").items():
        if id_.startswith("tcp_"):
            check.update(arguments)
    return documents


def with_periods(alarm: int = 60, schedule: str = "rate(1 minute)") -> Documents:
    """Return our stacks with these periods of the switches' alarms and the watcher's schedule."""
    documents = ours(mode="shallow")
    for id_, resource in resources(documents, ENTRY_POINT, "aws_cloudwatch_metric_alarm").items():
        resource.update({"period": alarm} if id_.startswith("switch_") else {})
    for rule in resources(documents, ENTRY_POINT, "aws_cloudwatch_event_rule").values():
        rule["schedule_expression"] = schedule
    return documents


@pytest.mark.parametrize(
    ("periods", "late"),
    [
        ({}, False),
        ({"alarm": 120}, False),
        ({"alarm": 300}, True),
        ({"schedule": "rate(5 minutes)"}, True),
    ],
)
def test_a_switch_that_moves_devices_later_than_checks_do_counts(
    periods: dict[str, Any], *, late: bool
) -> None:
    p99 = recovery_time(recovery_inputs(chosen_with_target(600))).p99
    findings = judged(RULE, with_periods(**periods), chosen_with_target(int(p99) + 40))
    assert [finding.verdict for finding in findings] == [Verdict.BLOCK] * late
    assert all("Where a switch moves devices, 99 % of" in each.message for each in findings)
    assert judged(RULE, with_periods(**periods), chosen_with_target(600)) == []


def chosen_with_target(rto: int) -> Settings:
    return settings(health={"mode": "shallow"}, recovery={"rto": rto, "fleet": 1000})


@pytest.mark.parametrize("arguments", [{"request_interval": 30, "failure_threshold": 10}])
def test_a_check_that_is_slower_than_the_settings_counts_as_it_is_declared(
    arguments: dict[str, object],
) -> None:
    p99 = recovery_time(recovery_inputs(chosen_with_target(600))).p99
    chosen = chosen_with_target(int(p99) + 60)
    assert judged(RULE, ours(mode="shallow"), chosen) == []
    (finding,) = judged(RULE, with_checks(**arguments), chosen)
    assert "fails after 10 probes of every 30 s, the settings have" in finding.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"request_interval": 10, "failure_threshold": 2},
        {"failure_threshold": "${var.threshold}"},
        {"request_interval": 30, "failure_threshold": 10, "disabled": True},
    ],
)
def test_a_faster_check_and_one_that_is_not_known_or_not_used_misses_no_target(
    arguments: dict[str, object],
) -> None:
    p99 = recovery_time(recovery_inputs(chosen_with_target(600))).p99
    assert judged(RULE, with_checks(**arguments), chosen_with_target(int(p99) + 1)) == []


def test_the_ttl_of_a_failover_name_that_a_record_leads_to_counts_and_no_other() -> None:
    chosen = chosen_with_target(200)
    name, below = chosen.device_name, "pair.example.net"
    plain = {"zone_id": "Z1", "name": name, "type": "CNAME", "ttl": 60, "records": [below]}
    end = {"zone_id": "Z2", "name": below, "type": "CNAME", "ttl": 3600, "records": ["a.b.c"]}
    failover = {"set_identifier": "a", "failover_routing_policy": {"type": "PRIMARY"}}
    for more, number in (({}, 0), (failover, 1)):
        records = {"device": plain, "end": {**end, **more}}
        stack = {"dns": {"resource": {"aws_route53_record": records}}}
        assert len(judged(RULE, stack, chosen)) == number

"""What a change of primary may not change is refused with its address."""

from typing import Any

import pytest

from tests.iot_dr.operate.role.plans import change_of, entry
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings

NOW, THEN = settings(), settings(primary_region="eu-central-1")
CHECK = "aws_route53_health_check"
RECORD = "aws_route53_record"
OLD: dict[str, Any] = {"name": "old", "records": ["a"], "ttl": 60}
UNKNOWN_NAME = {name: value for name, value in OLD.items() if name != "name"}


def test_records_that_lead_elsewhere_and_the_watcher_are_not_refused() -> None:
    assert change_of(NOW, THEN).refusals == ()


@pytest.mark.parametrize(
    ("type_", "name", "before", "after", "expected"),
    [
        (CHECK, "tcp_eu_west_1", OLD, {**OLD, "name": "new"}, f"update {CHECK}.tcp_eu_west_1"),
        (CHECK, "tcp_eu_west_1", OLD, None, f"destroy {CHECK}.tcp_eu_west_1"),
        (RECORD, "failover_9", OLD, {**OLD, "ttl": 30}, f"update {RECORD}.failover_9"),
        (RECORD, "failover_9", OLD, UNKNOWN_NAME, f"update {RECORD}.failover_9"),
        (
            "aws_cloudwatch_metric_alarm",
            "switch_eu_west_1",
            OLD,
            {**OLD, "name": "new"},
            "update aws_cloudwatch_metric_alarm.switch_eu_west_1",
        ),
    ],
    ids=["check", "no check", "TTL", "not known before", "switch"],
)
def test_any_other_change_of_the_entry_point_is_refused(
    type_: str, name: str, before: dict[str, Any], after: dict[str, Any] | None, expected: str
) -> None:
    stray = entry(type_, name, before, after)
    (refusal,) = change_of(NOW, THEN, stray).refusals
    assert refusal == f"iot-dev-entry-point: {expected}"


def test_a_record_that_is_made_again_is_refused() -> None:
    stray = entry(RECORD, "failover_9", None, OLD)
    (refusal,) = change_of(NOW, THEN, stray).refusals
    assert refusal.endswith(f": create {RECORD}.failover_9")


def test_a_change_of_another_stack_is_refused_and_of_its_hand_over_too() -> None:
    lambdas = [entry("aws_lambda_function", f"f{n}", OLD, {**OLD, "name": "b"}) for n in range(4)]
    handed = {"zone_id": {"actions": ["update"], "before": "a", "after": "b"}}
    elsewhere = {"resource_changes": lambdas, "output_changes": handed}
    refusals = change_of(NOW, THEN, elsewhere=elsewhere).refusals
    assert [each.partition(":")[0] for each in refusals] == [
        *("iot-dev-state", "iot-dev-hosted-zone"),
        *("iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"),
    ]
    assert refusals[0].endswith(
        ": update output.zone_id, update aws_lambda_function.f0,"
        " update aws_lambda_function.f1, and 2 more"
    )


ORDER: dict[str, Any] = {"name": "p", "stage": [1, 2]}


def pipelines(change: dict[str, Any]) -> tuple[str, ...]:
    """Return what is refused when a pipeline has this change and no other stack has any."""
    now, then = (settings(pipeline=PIPELINE, primary_region=each) for each in REGIONS[:2])
    return change_of(now, then, pipeline={"resource_changes": [change]}).refusals


def test_the_order_of_a_pipeline_s_waves_follows_the_primary() -> None:
    assert pipelines(entry("aws_codepipeline", "pipeline", ORDER, {**ORDER, "stage": [2, 1]})) == ()


@pytest.mark.parametrize(
    "change",
    [
        entry("aws_codepipeline", "pipeline", ORDER, {**ORDER, "name": "q"}),
        entry("aws_codepipeline", "pipeline", ORDER, None),
        entry("aws_iam_role", "plan", OLD, {**OLD, "name": "b"}),
    ],
    ids=["another name", "destroyed", "a role"],
)
def test_nothing_else_of_a_pipeline_may_follow(change: dict[str, Any]) -> None:
    assert [each.partition(":")[0] for each in pipelines(change)] == [
        "iot-dev-pipeline-eu-west-1",
        "iot-dev-pipeline-eu-central-1",
    ]


def test_the_entry_point_may_hand_over_who_serves_and_nothing_else_again() -> None:
    def handed(name: str) -> tuple[str, ...]:
        output = {name: {"actions": ["update"], "before": "a", "after": "b"}}
        return change_of(NOW, THEN, output_changes=output).refusals

    assert handed("primary_region") == ()
    assert handed("device_name") == ("iot-dev-entry-point: update output.device_name",)

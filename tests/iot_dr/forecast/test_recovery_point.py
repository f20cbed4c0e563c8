"""What is lost with a region, by the settings and by the stacks synthesized from them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from environments.data import Data
from environments.settings import Settings
from iot_dr.forecast.recovery_point import RecoveryPoint
from iot_dr.generate.expectation import recovery_point
from tests.iot_dr.rules.designs import ours_with_data, resources
from tests.support.settings import settings

TELEMETRY = "iot-dev-telemetry-eu-west-1"
WEEK = 7 * 24 * 3600
DATA = st.builds(
    Data,
    point_in_time_days=st.integers(1, 35),
    stream_hours=st.integers(24, 8760),
    reconcile_hours=st.integers(1, 24),
)


def with_block(data: Data) -> Settings:
    return settings().model_copy(update={"data": data})


def point(data: Data) -> RecoveryPoint:
    recovery = recovery_point(with_block(data))
    assert recovery is not None
    return recovery


def test_an_environment_without_data_has_no_recovery_point() -> None:
    assert recovery_point(settings()) is None


@given(DATA)
def test_each_setting_of_the_block_gives_its_figure(data: Data) -> None:
    recovery = point(data)
    assert recovery.missed.maximum == data.reconcile_hours * 3600
    assert recovery.restore.maximum == data.point_in_time_days * 24 * 3600
    assert recovery.stream.maximum == min(data.stream_hours * 3600, WEEK)


@given(DATA, DATA)
def test_no_other_figure_depends_on_the_settings(first: Data, second: Data) -> None:
    for term, same in zip(point(first).terms, point(second).terms, strict=True):
        assert term == same or term.settings
        assert {key.removeprefix("data.") for key in term.settings} <= Data.model_fields.keys()


def test_nothing_bounds_replication_and_everything_else_is_bounded() -> None:
    recovery = point(Data())
    assert [each.name for each in recovery.terms if not isfinite(each.maximum)] == ["replication"]
    assert all(each.typical <= each.maximum for each in recovery.terms)


def of(type_: str, stack: str = TELEMETRY) -> Mapping[str, Any]:
    return resources(ours_with_data(), stack, type_)


def test_the_backlog_matches_the_synthesized_alarm() -> None:
    recovery, alarm = point(Data()), of("aws_cloudwatch_metric_alarm")["telemetry_late"]
    assert (alarm["metric_name"], alarm["comparison_operator"]) == (
        "IteratorAge",
        "GreaterThanOrEqualToThreshold",
    )
    periods = alarm["period"] * alarm["evaluation_periods"]
    assert recovery.backlog.maximum == alarm["threshold"] / 1000 + periods
    mapping = of("aws_lambda_event_source_mapping")["telemetry"]
    assert recovery.backlog.typical == mapping["maximum_batching_window_in_seconds"]


def test_the_synthesized_stream_is_tried_and_the_tables_restored_for_as_long() -> None:
    recovery = point(Data())
    mapping = of("aws_lambda_event_source_mapping")["telemetry"]
    assert recovery.stream.maximum == mapping["maximum_record_age_in_seconds"]
    for table in of("aws_dynamodb_table", "iot-dev-data").values():
        days = table["point_in_time_recovery"]["recovery_period_in_days"]
        assert recovery.restore.maximum == days * 24 * 3600

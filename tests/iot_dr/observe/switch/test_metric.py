"""What is put, and what the alarm makes of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from functions.contract import PUBLISH_SECONDS
from iot_dr.observe.switch.metric import alarm_name, data_point, seconds_to_wait
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

SETTINGS = settings(regions=list(REGIONS[:3]))
BEGIN = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


@given(
    written=st.floats(0, 180),
    read=st.floats(-120, 0),
    delay=st.floats(0, PUBLISH_SECONDS),
    skew=st.floats(-PUBLISH_SECONDS, PUBLISH_SECONDS),
)
@example(written=175, read=0, delay=0, skew=5)
def test_a_switch_back_comes_after_each_1_of_a_publisher_and_in_a_later_minute(
    written: float, read: float, delay: float, skew: float
) -> None:
    registered_at = BEGIN + timedelta(seconds=written)
    set_at = registered_at + timedelta(seconds=seconds_to_wait(registered_at, registered_at))
    # The last reading of `away` is before the register was written; its time is its timestamp.
    read_at = registered_at + timedelta(seconds=read)
    assert read_at + timedelta(seconds=delay) <= set_at
    assert minute(read_at + timedelta(seconds=skew)) < minute(set_at)


def test_the_wait_is_over_with_the_minute_and_the_time_to_publish() -> None:
    at = BEGIN + timedelta(seconds=40)
    assert seconds_to_wait(at, at) == 30
    assert seconds_to_wait(at, at + timedelta(seconds=29)) == 1
    assert seconds_to_wait(at, at + timedelta(hours=1)) == 0
    assert seconds_to_wait(BEGIN, BEGIN) == 70
    late = BEGIN + timedelta(seconds=50)
    assert seconds_to_wait(late, late) == 80


def test_metric_and_alarm_are_those_that_terraform_makes(synthesis: Synthesis) -> None:
    alarms = synthesis(SETTINGS)["iot-dev-entry-point"].resources("aws_cloudwatch_metric_alarm")
    for region in SETTINGS.regions:
        point = data_point(SETTINGS, region, "away")
        given_ = {each["Name"]: each["Value"] for each in point["Dimensions"]}
        for alarm_region in SETTINGS.alarm_regions(region):
            made = alarms[f"switch_{region}_in_{alarm_region}".replace("-", "_")]
            assert made["alarm_name"] == alarm_name(SETTINGS, region)
            assert (made["dimensions"], made["metric_name"]) == (given_, point["MetricName"])
            assert (made["statistic"], made["period"]) == ("Maximum", 60)

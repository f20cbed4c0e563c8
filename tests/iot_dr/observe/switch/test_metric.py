"""What is put, and what the alarm makes of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.observe.switch.metric import Action, alarm_name, data_point, seconds_to_wait
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

SETTINGS = settings(regions=list(REGIONS[:3]))
BEGIN = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

LATER = timedelta(seconds=70)
USES = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["away", "back"])), min_size=1, max_size=8
)


def alarm(uses: Sequence[tuple[int, Action]], *, waits: bool) -> bool:
    """Judge the last minute by its maximum, as the alarm does; uses come seconds apart."""
    minutes: dict[datetime, list[float]] = defaultdict(list)
    now, away_at = BEGIN, None
    for seconds, action in uses:
        now += timedelta(seconds=seconds)
        if waits:
            now += timedelta(seconds=seconds_to_wait(action, away_at, now))
        point = data_point(SETTINGS, "eu-west-1", action)
        minutes[now.replace(second=0)].append(point["Value"])
        away_at = now if action == "away" else None
    return max(minutes[max(minutes)]) >= 1


@given(uses=USES)
def test_the_last_use_holds_however_soon_it_comes(uses: list[tuple[int, Action]]) -> None:
    assert alarm(uses, waits=True) == (uses[-1][1] == "away")


def test_without_a_wait_a_switch_back_in_the_same_minute_would_be_lost() -> None:
    assert alarm([(0, "away"), (10, "back")], waits=False)


def test_only_a_switch_back_waits_and_less_than_a_minute() -> None:
    now = BEGIN + timedelta(seconds=40)
    assert seconds_to_wait("away", BEGIN, now) == 0
    assert seconds_to_wait("back", None, now) == 0
    assert seconds_to_wait("back", BEGIN - timedelta(seconds=30), now) == 0
    assert 20 <= seconds_to_wait("back", BEGIN, now) <= 25
    # What is begun at the end of a minute may be put in the next.
    assert seconds_to_wait("back", BEGIN + timedelta(seconds=59), BEGIN + LATER) > 0


def test_metric_and_alarm_are_those_that_terraform_makes(synthesis: Synthesis) -> None:
    alarms = synthesis(SETTINGS)["iot-dev-entry-point"].resources("aws_cloudwatch_metric_alarm")
    for region in SETTINGS.regions:
        point = data_point(SETTINGS, region, "away")
        given_ = {each["Name"]: each["Value"] for each in point["Dimensions"]}
        for keeper in SETTINGS.keepers(region):
            made = alarms[f"switch_{region}_in_{keeper}".replace("-", "_")]
            assert made["alarm_name"] == alarm_name(SETTINGS, region)
            assert (made["dimensions"], made["metric_name"]) == (given_, point["MetricName"])
            assert (made["statistic"], made["period"]) == ("Maximum", 60)

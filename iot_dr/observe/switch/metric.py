"""The metric that sets a switch, and the alarm on it."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from environments.settings import Settings
from functions.contract import SWITCH_METRIC, switch_dimensions
from modules.switch_metric import SWITCH_PERIOD, switch_alarm_name
from stacks.stack_context import stack_context

Action = Literal["away", "back"]

_PERIOD: Final = timedelta(seconds=SWITCH_PERIOD)
# A datum is sent within this time after its record, whose time is all that is known of it.
_PUT_WITHIN: Final = timedelta(seconds=10)
_MARGIN: Final = 2.0


def alarm_name(settings: Settings, region: str) -> str:
    """Return the name of the alarm of a region's switch; it is in the region's keeper."""
    return switch_alarm_name(stack_context(settings, region), region)


def data_point(settings: Settings, region: str, action: Action) -> dict[str, Any]:
    """Return the datum for CloudWatch's PutMetricData that sets a switch.

    It has no timestamp, so that CloudWatch sets it by its own clock:
    docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
    """
    dimensions = switch_dimensions(settings.environment, region)
    return {
        "MetricName": SWITCH_METRIC,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Value": 1.0 if action == "away" else 0.0,
    }


def seconds_to_wait(action: Action, away_at: datetime | None, now: datetime) -> float:
    """Return the seconds until a switch can be set; `away_at` is when it was last set to away.

    The alarm evaluates the maximum of a minute: a 0 in the same minute as a 1 has no effect, and
    without later data the alarm keeps its state:
    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (ignore).
    """
    if action == "away" or away_at is None:
        return 0.0
    free = (away_at + _PUT_WITHIN).replace(second=0, microsecond=0) + _PERIOD
    return (free - now).total_seconds() + _MARGIN if now < free else 0.0

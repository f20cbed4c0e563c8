"""The metric that sets a switch, and the alarm on it."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from environments.settings import Settings
from functions.contract import PUBLISH_SECONDS, SWITCH_METRIC, switch_dimensions
from modules.switch_metric import SWITCH_PERIOD, switch_alarm_name
from stacks.stack_context import stack_context

Action = Literal["away", "back"]

_PERIOD: Final = timedelta(seconds=SWITCH_PERIOD)
_PUBLISHED_WITHIN: Final = timedelta(seconds=PUBLISH_SECONDS)


def alarm_name(settings: Settings, region: str) -> str:
    """Return the name of the alarm of a region's switch, the same in each alarm region."""
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


def seconds_to_wait(registered_at: datetime, now: datetime) -> float:
    """Return the seconds until a switch can be set back whose registers were written at a time.

    The alarm evaluates the maximum of a minute: a 0 in the same minute as a 1 has no effect. A
    publisher that has read `away` before may put a 1 of that minute for some seconds after it, and
    of the next minute if its clock is as many seconds ahead. Once they are over, a 0 is of a later
    minute than each 1 (ADR 0045).
    """
    last_minute = (registered_at + _PUBLISHED_WITHIN).replace(second=0, microsecond=0)
    free = last_minute + _PERIOD + _PUBLISHED_WITHIN
    return max(0.0, (free - now).total_seconds())

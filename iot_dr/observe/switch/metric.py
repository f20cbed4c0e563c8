"""The metric that a switch is put by, and the alarm that follows it."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal

from environments.settings import Settings
from modules.switch_metric import SWITCH_METRIC
from stacks.stack_context import stack_context

Action = Literal["away", "back"]

_NAME_LIMIT: Final = 255
_PERIOD: Final = timedelta(seconds=60)
_PUT_WITHIN: Final = timedelta(seconds=10)
_MARGIN: Final = 2.0


def alarm_name(settings: Settings, region: str) -> str:
    """Give the name of the alarm of a region's switch, which stands in the region's keeper."""
    return stack_context(settings, region).name(f"switch-{region}", _NAME_LIMIT)


def data_point(settings: Settings, region: str, action: Action) -> dict[str, Any]:
    """Give the datum that puts a switch, as CloudWatch's PutMetricData takes it.

    It bears no time: CloudWatch's own clock sets it.
    """
    return {
        "MetricName": SWITCH_METRIC,
        "Dimensions": [
            {"Name": "Environment", "Value": settings.environment},
            {"Name": "Region", "Value": region},
        ],
        "Value": 1.0 if action == "away" else 0.0,
    }


def seconds_to_wait(action: Action, away_at: datetime | None, now: datetime) -> float:
    """Give the seconds until a switch can be put; `away_at` is when an away was last begun.

    The alarm looks at the maximum of a minute. A 0 in the minute of a 1 would change nothing, and
    without more data the alarm then keeps its state.
    """
    if action == "away" or away_at is None:
        return 0.0
    free = (away_at + _PUT_WITHIN).replace(second=0, microsecond=0) + _PERIOD
    return (free - now).total_seconds() + _MARGIN if now < free else 0.0

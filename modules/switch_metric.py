"""The alarm of a switch, importable without CDKTF."""

from collections.abc import Mapping
from typing import Any, Final

from modules.context import Context
from modules.name_limits import ALARM_NAME_LIMIT

SWITCH_PERIOD: Final = 60
"""Seconds of a period of the switch's alarm; it evaluates one period."""

SWITCH_ALARM: Final[Mapping[str, Any]] = {
    "statistic": "Maximum",
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "threshold": 1,
    "period": SWITCH_PERIOD,
    "evaluation_periods": 1,
    "treat_missing_data": "ignore",
}
"""How the alarm of a switch follows the metric: one data point sets it, and without data it holds.

The names of the arguments are Terraform's, and those of `AlarmInputs`.

docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""


def switch_alarm_name(context: Context, region: str) -> str:
    """Return the name of the alarm of a region's switch, the same in each alarm region."""
    return context.name(f"switch-{region}", ALARM_NAME_LIMIT)

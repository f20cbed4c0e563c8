"""The interval and failure threshold that Route 53's health checks accept."""

from functions.contract import INTERVALS
from modules.inputs import require
from modules.number import Number, Unknown, is_within

_MOST_THRESHOLD = 10


def require_valid_frequency(module: type, interval: Number, threshold: Number) -> None:
    """Raise InputError unless the interval is 10 or 30 seconds and the threshold 1 to 10.

    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """
    is_valid = isinstance(interval, Unknown) or interval in INTERVALS
    require(is_valid, module, "interval", interval, "10 or 30")
    is_valid = is_within(threshold, 1, _MOST_THRESHOLD)
    require(is_valid, module, "threshold", threshold, "1 to 10")

"""How often an endpoint is checked, and how many results in a row count."""

from modules.inputs import refuse_unless
from modules.number import Number, Unknown, within

_INTERVALS = (10, 30)
_MOST_THRESHOLD = 10


def refuse_wrong_frequency(module: type, interval: Number, threshold: Number) -> None:
    """Raise InputError unless Route 53 takes the interval (seconds) and the threshold.

    docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    """
    is_one = isinstance(interval, Unknown) or interval in _INTERVALS
    refuse_unless(is_one, module, "interval", interval, "10 or 30")
    valid = within(threshold, 1, _MOST_THRESHOLD)
    refuse_unless(valid, module, "threshold", threshold, "1 to 10")

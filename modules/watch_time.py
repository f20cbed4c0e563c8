"""The duration of a watch, importable without CDKTF for predictions."""

from math import ceil
from typing import Final

from functions.contract import PROBE_GRACE, PROBE_SECONDS

WATCH_PERIOD: Final = 60
"""Seconds between two invocations of the watcher."""

SILENT_PERIODS: Final = 5
"""Periods without an invocation after which an alarm goes off."""

WATCH_SCHEDULE: Final = "rate(1 minute)"

PROBE_TIME: Final = ceil(PROBE_SECONDS + PROBE_GRACE)
"""Seconds of a probe that fails at its limit."""

WATCH_MARGIN: Final = 30
"""Seconds for the control probe, the history and PutMetricData, with a reserve."""

"""The duration of a watch, importable without CDKTF for predictions."""

from typing import Final

WATCH_PERIOD: Final = 60
"""Seconds between two invocations of the watcher."""

FEWEST_FAILURES: Final = 2
"""Failed probes in a row before the watcher switches, even with a threshold of 1."""

PROBE_TIME: Final = 6
"""Seconds of a probe that fails at its limit."""

WATCH_MARGIN: Final = 30
"""Seconds for the control probe, the history and PutMetricData, with a reserve."""

"""When the DNS answer changes."""

from math import inf
from typing import Final

import numpy as np

from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.forecast.detection import AGGREGATION, CHECKERS, FAILING

_HEALTHY: Final = CHECKERS - FAILING + 1
"""Checkers that must say healthy again: 3 of 16 are more than 18 %."""

_ALARM_PERIOD: Final = 60.0
"""Seconds between two looks of an alarm at its metric."""


def flip(scenario: Scenario, rng: np.random.Generator, unseen: float = 0.0) -> float:
    """Draw when the answer leads to the standby; inf where nothing sees the outage.

    Probes are answered well for the first `unseen` seconds. From then on each of the checkers fails
    `threshold` times in a row, and counts its interval from the response.
    """
    if not scenario.is_seen:
        return inf
    if scenario.outage == "switch":
        return float(rng.uniform(0, _ALARM_PERIOD) + rng.uniform(*AGGREGATION))
    unseen += scenario.known_age * rng.random()
    again = (scenario.threshold - 1) * (scenario.interval + scenario.probe_time)
    counted = rng.uniform(0, scenario.interval, CHECKERS) + again + scenario.probe_time
    return float(unseen + np.sort(counted)[FAILING - 1] + rng.uniform(*AGGREGATION))


def flip_back(scenario: Scenario, flipped: float, rng: np.random.Generator) -> float:
    """Draw when the answer leads to the restored region again; inf where it does not by itself."""
    if scenario.fail_back == "latched" or inf in {scenario.restored, flipped}:
        return inf
    counted = rng.uniform(0, scenario.interval, CHECKERS)
    again = (scenario.threshold - 1) * scenario.interval
    seen = scenario.restored + again + np.sort(counted)[_HEALTHY - 1]
    return float(max(seen, flipped) + rng.uniform(*AGGREGATION))

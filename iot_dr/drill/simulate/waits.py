"""In how many steps a refused device is back."""

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.scenario import Scenario


def steps_until_back(scenario: Scenario, failures: int, hang: float) -> NDArray[np.float64]:
    """Give the probability that a device is back after 1, 2, 3 ... steps.

    It was refused at any moment of its step, after `hang` seconds, and then waits a random part of
    its longest wait: the sum of two uniform times. Less than a step counts as one.
    """
    wait = scenario.longest_wait(failures) / scenario.step
    hang /= scenario.step
    ends = np.arange(int(hang + wait) + 3, dtype=np.float64)
    until = np.array([_part_until(end - hang, wait) for end in ends])
    steps = np.diff(until)
    steps[1] += steps[0]
    return steps[1:] / steps[1:].sum()


def _part_until(time: float, wait: float) -> float:
    """Give the probability that the sum of U(0, 1) and U(0, wait) is at most `time`."""
    return (_area(time) - _area(time - 1) - _area(time - wait) + _area(time - 1 - wait)) / wait


def _area(time: float) -> float:
    return time * time / 2 if time > 0 else 0.0

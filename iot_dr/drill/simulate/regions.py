"""In which region a simulated fleet is connected, second by second."""

from math import inf

import numpy as np

from iot_dr.drill.simulate.counting import Counts
from iot_dr.drill.simulate.scenario import Scenario


def regions(
    scenario: Scenario, devices: int, accepted: Counts, cut: Counts | None, returned: float
) -> tuple[Counts, Counts]:
    """Give the devices in the primary and in the standby at the end of each second.

    `cut` counts the links that were closed in a primary that works. Once the answer has led back,
    an operator closes `drain` links a second in the standby, whose devices go back; without that
    none moves, as a live link does not follow the DNS.
    """
    moves = scenario.drain and returned < inf
    end = len(accepted) if cut is None else max(len(accepted), len(cut))
    end = max(end, int(returned + devices / scenario.drain) + 1 if moves else 1)
    standby = _grown(accepted, end)
    primary = np.zeros(end, np.int64) if cut is None else devices - _grown(cut, end)
    if moves:
        passed = np.maximum(np.arange(1, end + 1) - returned, 0) * scenario.drain
        back = np.minimum(passed.astype(np.int64), standby)
        primary, standby = primary + back, standby - back
    return primary, standby


def _grown(counts: Counts, end: int) -> Counts:
    total = np.cumsum(counts)
    last = total[-1] if len(total) else 0
    return np.concatenate([total, np.full(end - len(total), last, np.int64)])

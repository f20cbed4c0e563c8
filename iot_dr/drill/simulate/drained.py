"""Links that an operator closes, in a region that works and from which devices are led away."""

from collections.abc import Iterable

import numpy as np

from iot_dr.drill.simulate.arrivals import Arrivals
from iot_dr.drill.simulate.chunk import Chunk, Floats


def drained(devices: int, parts: Iterable[Chunk], flipped: float) -> tuple[Floats, Arrivals]:
    """Draw when each link is closed, and when its device first asks the standby, in seconds.

    The operator waits until no resolver leads to the region any more, then closes `drain` links a
    second, one after another.
    """
    cuts, seconds = np.empty(devices, np.float32), np.empty(devices, np.float32)
    for chunk in parts:
        there, scenario = slice(chunk.begin, chunk.end), chunk.scenario
        _, rng = chunk.phases()
        order = np.arange(chunk.begin, chunk.end) + rng.random(len(chunk))
        cuts[there] = flipped + max(scenario.ttl, scenario.stretched_ttl) + order / scenario.drain
        waits = rng.random(len(chunk), dtype=np.float32) * np.float32(scenario.longest_wait(0))
        seconds[there] = cuts[there] + waits
    attempts = np.zeros(0, np.int64)
    return cuts, Arrivals(seconds, np.zeros(devices, np.uint8), attempts)

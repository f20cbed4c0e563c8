"""Messages that full offline buffers dropped."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.chunk import Chunk, Floats

_TINY = 1e-4


def losses(offline: Floats, parts: Iterable[Chunk], until: float) -> NDArray[np.uint32]:
    """Give the messages that each device lost in its seconds without a region.

    Devices that never come back are counted `until` then. What was sent into a dead link waits
    outside the buffer, unacknowledged, and is sent again.
    """
    lost = np.empty(len(offline), np.uint32)
    for chunk in parts:
        there = slice(chunk.begin, chunk.end)
        lost[there] = _dropped(np.minimum(offline[there], np.float32(until)), chunk)
    return lost


def _dropped(offline: Floats, chunk: Chunk) -> Floats:
    habits = chunk.scenario.habits
    phases, _ = chunk.phases()
    made = np.floor(offline / np.float32(habits.period) + phases)
    made -= np.float32(habits.buffer)
    if chunk.scenario.is_silent:
        cuts, _ = chunk.cuts()
        # The message that is made as the link is given up goes into the buffer.
        made -= np.ceil(cuts / np.float32(habits.period) + phases - np.float32(_TINY)) - 1
    return np.maximum(made, 0, out=made)

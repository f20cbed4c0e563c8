"""Counts by whole second."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

_PART = 1 << 20


def by_second(times: NDArray[np.float32]) -> Counts:
    """Count times by whole second; ignore inf."""
    parts = (times[begin : begin + _PART] for begin in range(0, len(times), _PART))
    return summed(np.bincount(part[np.isfinite(part)].astype(np.intp)) for part in parts)


def padded(counts: Counts, seconds: int) -> Counts:
    """Return counts with zeros appended, for at least `seconds` seconds."""
    return np.concatenate([counts, np.zeros(max(0, seconds - len(counts)), np.int64)])


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counts, with shorter ones padded."""
    total = np.zeros(0, np.int64)
    for part in counts:
        if len(part) > len(total):
            total = padded(total, len(part))
        total[: len(part)] += part
    return total

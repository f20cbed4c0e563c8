"""Time of each device's first attempt at the standby."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.chunk import Chunk, Floats
from iot_dr.drill.simulate.counting import Counts, summed

_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class DeviceArrivals:
    """Time of each device's first attempt at the standby in seconds, and its earlier failures.

    `attempts` counts the connects to the failed region by whole second.
    """

    seconds: Floats
    failures: NDArray[np.uint8]
    attempts: Counts


def arrivals(devices: int, parts: Sequence[Chunk], failover_at: float) -> DeviceArrivals:
    """Draw the attempts of each device until DNS leads it to the standby, after `failover_at`.

    Devices are independent until then, so rounds of attempts are drawn for all at once.
    """
    seconds = np.empty(devices, np.float32)
    failures = np.empty(devices, np.uint8)

    def work(chunk: Chunk) -> Counts:
        there = slice(chunk.begin, chunk.end)
        return _rounds(chunk, failover_at, seconds[there], failures[there])

    # numpy releases the GIL.
    with ThreadPoolExecutor(_THREADS) as pool:
        attempts = summed(pool.map(work, parts))
    return DeviceArrivals(seconds, failures, attempts)


def first_attempts(devices: int, parts: Iterable[Chunk]) -> DeviceArrivals:
    """Draw the first attempt of each device, for an answer that never changes."""
    seconds = np.empty(devices, np.float32)
    for chunk in parts:
        now, rng = chunk.cuts()
        seconds[chunk.begin : chunk.end] = now + _waits(len(now), chunk, 0, rng)
    return DeviceArrivals(seconds, np.zeros(devices, np.uint8), np.zeros(0, np.int64))


def _rounds(chunk: Chunk, failover_at: float, arrived: Floats, failed: NDArray[np.uint8]) -> Counts:
    """Draw rounds of attempts until all devices have arrived; return the failed attempts."""
    scenario = chunk.scenario
    now, rng = chunk.cuts()
    now += _waits(len(now), chunk, 0, rng)
    expires = _answers_expire(chunk, failover_at, rng)
    left = np.arange(len(chunk), dtype=np.int32)
    attempts: list[Counts] = []
    failures = 0
    while True:
        moved = _reach_standby(now, expires, failover_at, chunk.ttl)
        if moved is not None:
            arrived[left[moved]], failed[left[moved]] = now[moved], min(failures, 255)
            left, now, expires = left[~moved], now[~moved], expires[~moved]
        if not len(left):
            return summed(attempts)
        attempts.append(np.bincount(now.astype(np.intp)))
        failures += 1
        now += _waits(len(now), chunk, failures, rng)
        if scenario.hang:
            now += np.float32(scenario.hang)


def _answers_expire(chunk: Chunk, failover_at: float, rng: np.random.Generator) -> Floats:
    """Return when each device's last answer with the failed region expires.

    In its own cache it has expired long ago. A shared resolver that others keep warm queries at a
    uniform time within a TTL; its first query after the failover counts.
    """
    if chunk.scenario.cache == "own":
        return np.full(len(chunk), -np.inf, np.float32)
    phases = rng.random(len(chunk), dtype=np.float32)
    return np.float32(failover_at) + phases * np.float32(chunk.ttl)


def _reach_standby(
    now: Floats, expires: Floats, failover_at: float, ttl: float
) -> NDArray[np.bool_] | None:
    """Return which devices get the new answer; None if none does.

    Devices whose answer has expired query DNS: `expires` is updated for them. Before the failover
    they get the old answer.
    """
    asks = now >= expires
    if not asks.any():
        return None
    expires[asks] = now[asks] + np.float32(ttl)
    asks &= now >= np.float32(failover_at)
    return asks if asks.any() else None


def _waits(count: int, chunk: Chunk, failures: int, rng: np.random.Generator) -> Floats:
    waits = rng.random(count, dtype=np.float32)
    waits *= np.float32(chunk.scenario.habits.longest_wait(failures))
    return waits


def drained(
    devices: int, parts: Iterable[Chunk], failover_at: float
) -> tuple[Floats, DeviceArrivals]:
    """Draw when each link is closed and when its device first attempts the standby, in seconds.

    The operator waits until no resolver has the old answer, then closes `drain` links per second.
    """
    cuts, seconds = np.empty(devices, np.float32), np.empty(devices, np.float32)
    for chunk in parts:
        there, scenario = slice(chunk.begin, chunk.end), chunk.scenario
        _, rng = chunk.phases()
        order = np.arange(chunk.begin, chunk.end) + rng.random(len(chunk))
        cuts[there] = (
            failover_at + max(scenario.ttl, scenario.stretched_ttl) + order / scenario.drain
        )
        waits = rng.random(len(chunk), dtype=np.float32) * np.float32(
            scenario.habits.longest_wait(0)
        )
        seconds[there] = cuts[there] + waits
    attempts = np.zeros(0, np.int64)
    return cuts, DeviceArrivals(seconds, np.zeros(devices, np.uint8), attempts)

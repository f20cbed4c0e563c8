"""A frozen broker's queue of connections that the kernel has accepted for it."""

from collections.abc import Iterable

import numpy as np

from iot_dr.drill.simulate.chunk import Chunk, Floats
from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.forecast.detection import CHECKERS


def filled(scenario: Scenario, parts: Iterable[Chunk], rng: np.random.Generator) -> float:
    """Give when the queue is full, so that TCP checks begin to fail, in seconds.

    Nothing leaves it: whoever gives up stays in it until the broker accepts. Each connect of a
    device and each probe takes a place; the kernel keeps one more than the backlog.
    """
    places = scenario.backlog + 1
    first = np.empty(0, np.float32)
    for chunk in parts:
        first = _earliest(np.concatenate([first, _connects(chunk, places)]), places)
    phases = rng.uniform(0, scenario.interval, CHECKERS)
    rounds = np.arange(-(-places // CHECKERS)) * scenario.interval
    probes = (phases[:, None] + rounds).ravel().astype(np.float32)
    return float(_earliest(np.concatenate([first, probes]), places)[-1])


def _connects(chunk: Chunk, places: int) -> Floats:
    """Give the times of a chunk's connects, as many rounds of them as could matter."""
    scenario = chunk.scenario
    now, rng = chunk.cuts()
    rounds: list[Floats] = []
    for failures in range(-(-places // len(chunk))):
        waits = rng.random(len(chunk), dtype=np.float32)
        waits *= np.float32(scenario.longest_wait(failures))
        waits += now
        rounds.append(waits)
        now = waits + np.float32(scenario.hang)
    return np.concatenate(rounds)


def _earliest(times: Floats, count: int) -> Floats:
    return np.sort(times)[:count]

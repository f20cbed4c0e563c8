"""Time at which the DNS answer changes to the standby."""

from collections.abc import Iterable, Sequence
from math import inf

import numpy as np

from iot_dr.drill.simulate.chunk import Chunk, Floats
from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.forecast.detection import AGGREGATION, FAILING
from modules.function_limits import CHECKERS
from modules.switch_metric import SWITCH_PERIOD


def flip(scenario: Scenario, parts: Sequence[Chunk], rng: np.random.Generator) -> float:
    """Draw when the answer changes to the standby; inf if no check detects the outage.

    TCP probes of a frozen broker succeed until its accept queue is full. From then on each checker
    fails `threshold` consecutive times, with its interval counted from the response.
    """
    if not scenario.is_seen:
        return inf
    if scenario.outage == "switch":
        return float(rng.uniform(0, SWITCH_PERIOD) + rng.uniform(*AGGREGATION))
    is_queued = scenario.outage == "freeze" and scenario.mode == "shallow"
    unseen = _filled(scenario, parts, rng) if is_queued else 0.0
    unseen += scenario.known_age * rng.random()
    again = (scenario.threshold - 1) * (scenario.interval + scenario.probe_time)
    counted = rng.uniform(0, scenario.interval, CHECKERS) + again + scenario.probe_time
    return float(unseen + np.sort(counted)[FAILING - 1] + rng.uniform(*AGGREGATION))


def _filled(scenario: Scenario, parts: Iterable[Chunk], rng: np.random.Generator) -> float:
    """Return the seconds until a frozen broker's accept queue is full and TCP checks fail.

    Connections stay in the queue even if the client gives up. Each connect and each probe takes a
    place; Linux queues one more than the backlog.
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
    """Return the times of a chunk's connects, in enough rounds to fill the queue."""
    scenario = chunk.scenario
    now, rng = chunk.cuts()
    rounds: list[Floats] = []
    for failures in range(-(-places // len(chunk))):
        waits = rng.random(len(chunk), dtype=np.float32)
        waits *= np.float32(scenario.habits.longest_wait(failures))
        waits += now
        rounds.append(waits)
        now = waits + np.float32(scenario.hang)
    return np.concatenate(rounds)


def _earliest(times: Floats, count: int) -> Floats:
    return np.sort(times)[:count]

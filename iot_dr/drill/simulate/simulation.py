"""Simulation of an outage for a fleet of up to ten million devices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isinf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.admission import Admission, TokenBucket
from iot_dr.drill.simulate.arrivals import DeviceArrivals, arrivals, drained, first_attempts
from iot_dr.drill.simulate.chunk import Chunk, Floats, chunks
from iot_dr.drill.simulate.counting import Counts, by_second, padded, summed
from iot_dr.drill.simulate.scenario import Scenario
from iot_dr.forecast.detection import AGGREGATION, FAILING
from modules.function_limits import CHECKERS
from modules.switch_metric import SWITCH_PERIOD

_TINY = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """Results by device, and by whole second after the outage.

    `failover_at` is when the answer changed to the standby, inf for never. `recovered` are each
    device's seconds without a link: 0 if it never lost it, inf if it never came back. `lost` are
    messages that its full buffer dropped. `attempts` counts connect attempts, `accepted` those
    that the standby admitted.
    """

    failover_at: float
    recovered: NDArray[np.float32]
    lost: NDArray[np.uint32]
    attempts: Counts
    accepted: Counts

    @property
    def p50(self) -> float:
        """Seconds until half of the devices are back."""
        return self._percentile(0.5)

    @property
    def p99(self) -> float:
        """Seconds until 99 % of the devices are back."""
        return self._percentile(0.99)

    @property
    def last(self) -> float:
        """Seconds until the last device is back."""
        return float(self.recovered.max(initial=0))

    @property
    def never(self) -> int:
        """Number of devices that are never back."""
        return int(np.isinf(self.recovered).sum())

    @property
    def busiest(self) -> int:
        """The most connect attempts in one second."""
        return int(self.attempts.max(initial=0))

    def _percentile(self, part: float) -> float:
        """Return the seconds until a share of the devices is back; inf for never."""
        return float(np.quantile(self.recovered, part, method="inverted_cdf"))


def simulate(
    devices: int, scenario: Scenario, seed: int, failover_at: float | None = None
) -> SimulationResult:
    """Simulate an outage; the answer changes at `failover_at`, or when the checkers detect it.

    Reproducible for the same arguments, on any number of cores.
    """
    fates, doors, fleet = np.random.SeedSequence(seed).spawn(3)
    rng, door_rng = _generator(fates), _generator(doors)
    parts = list(chunks(devices, scenario, fleet))
    if failover_at is None:
        failover_at = _draw_failover_time(scenario, parts, rng)
    cuts: Floats | None = None
    if scenario.outage == "switch":
        if not scenario.drain or isinf(failover_at):
            return _untouched(devices, failover_at)
        cuts, arrived = drained(devices, parts, failover_at)
    elif isinf(failover_at):
        arrived = first_attempts(devices, parts)
    else:
        arrived = arrivals(devices, parts, failover_at)
    attempts = summed([arrived.attempts, _admit(arrived, scenario, failover_at, door_rng)])
    accepted = by_second(arrived.seconds)
    seconds = max(len(attempts), len(accepted))
    recovered = arrived.seconds
    if cuts is not None:
        recovered -= cuts
    return SimulationResult(
        failover_at=failover_at,
        recovered=recovered,
        lost=_losses(recovered, parts, max(scenario.horizon, float(len(accepted)))),
        attempts=padded(attempts, seconds),
        accepted=padded(accepted, seconds),
    )


def _untouched(devices: int, failover_at: float) -> SimulationResult:
    """Return the outcome of a switch after which no link closes."""
    nobody = np.zeros(1, np.int64)
    return SimulationResult(
        failover_at=failover_at,
        recovered=np.zeros(devices, np.float32),
        lost=np.zeros(devices, np.uint32),
        attempts=nobody,
        accepted=nobody,
    )


def _admit(
    arrived: DeviceArrivals, scenario: Scenario, failover_at: float, rng: np.random.Generator
) -> Counts:
    """Write times of admission to the arrivals; return the attempts at the standby."""
    if isinf(failover_at):
        door, hang = TokenBucket(rate=0.0, room=0.0), scenario.hang
    else:
        door, hang = TokenBucket(rate=scenario.connect_rate, room=scenario.connections), 0.0
        if isinf(scenario.connect_rate) and len(arrived.seconds) <= scenario.connections:
            return by_second(arrived.seconds)
    return Admission(arrived, scenario, door, hang, rng).run(scenario.horizon)


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def _losses(offline: Floats, parts: Iterable[Chunk], until: float) -> NDArray[np.uint32]:
    """Return the messages that each device lost while it had no link.

    Devices that never come back are counted until `until`. Messages sent over a dead link are in
    flight, not in the buffer, and are sent again.
    """
    lost = np.empty(len(offline), np.uint32)
    for chunk in parts:
        there = slice(chunk.begin, chunk.end)
        lost[there] = _dropped(np.minimum(offline[there], np.float32(until)), chunk)
    return lost


def _dropped(offline: Floats, chunk: Chunk) -> Floats:
    habits = chunk.scenario.habits
    phases, _ = chunk.phases()
    dropped = np.floor(offline / np.float32(habits.period) + phases)
    dropped -= np.float32(habits.buffer)
    if chunk.scenario.is_silent:
        cuts, _ = chunk.cuts()
        # A message due when the device aborts the link is buffered.
        dropped -= np.ceil(cuts / np.float32(habits.period) + phases - np.float32(_TINY)) - 1
    return np.maximum(dropped, 0, out=dropped)


def _draw_failover_time(
    scenario: Scenario, parts: Sequence[Chunk], rng: np.random.Generator
) -> float:
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

"""A fleet of up to ten million devices through an outage."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isinf

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.admission import Admission, Door
from iot_dr.drill.simulate.arrivals import Arrivals, arrivals, drained, first_attempts
from iot_dr.drill.simulate.chunk import Chunk, Floats, chunks
from iot_dr.drill.simulate.counting import Counts, by_second, padded, summed
from iot_dr.drill.simulate.flip import flip
from iot_dr.drill.simulate.scenario import Scenario

_TINY = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each device, and of all of them by whole second after the outage.

    `flipped` is when the answer led to the standby, inf for never. `recovered` are the seconds for
    which each device had no region: 0 for one that never lost its link, inf for one that is never
    back. `lost` are its messages that its full buffer dropped. `attempts` counts connects that were
    tried, `accepted` those that the standby let in.
    """

    flipped: float
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
        """How many devices are never back."""
        return int(np.isinf(self.recovered).sum())

    @property
    def busiest(self) -> int:
        """The most connects that were tried in one second."""
        return int(self.attempts.max(initial=0))

    def _percentile(self, part: float) -> float:
        """Return the seconds until this part of the devices is back; inf where it never is."""
        return float(np.quantile(self.recovered, part, method="inverted_cdf"))


def simulate(devices: int, scenario: Scenario, seed: int, flipped: float | None = None) -> Outcome:
    """Send devices through an outage; the answer flips at `flipped`, or when checkers see it.

    The same arguments give the same outcome, on any number of cores.
    """
    fates, doors, fleet = np.random.SeedSequence(seed).spawn(3)
    rng, door_rng = _generator(fates), _generator(doors)
    parts = list(chunks(devices, scenario, fleet))
    if flipped is None:
        flipped = flip(scenario, parts, rng)
    cuts: Floats | None = None
    if scenario.outage == "switch":
        if not scenario.drain or isinf(flipped):
            return _untouched(devices, flipped)
        cuts, arrived = drained(devices, parts, flipped)
    elif isinf(flipped):
        arrived = first_attempts(devices, parts)
    else:
        arrived = arrivals(devices, parts, flipped)
    attempts = summed([arrived.attempts, _admit(arrived, scenario, flipped, door_rng)])
    accepted = by_second(arrived.seconds)
    seconds = max(len(attempts), len(accepted))
    recovered = arrived.seconds
    if cuts is not None:
        recovered -= cuts
    return Outcome(
        flipped=flipped,
        recovered=recovered,
        lost=_losses(recovered, parts, max(scenario.horizon, float(len(accepted)))),
        attempts=padded(attempts, seconds),
        accepted=padded(accepted, seconds),
    )


def _untouched(devices: int, flipped: float) -> Outcome:
    """Return the outcome of a fleet that is led away while no link closes."""
    nobody = np.zeros(1, np.int64)
    return Outcome(
        flipped=flipped,
        recovered=np.zeros(devices, np.float32),
        lost=np.zeros(devices, np.uint32),
        attempts=nobody,
        accepted=nobody,
    )


def _admit(
    arrived: Arrivals, scenario: Scenario, flipped: float, rng: np.random.Generator
) -> Counts:
    """Write into the arrivals when devices are let in; return the attempts at the standby."""
    if isinf(flipped):
        door, hang = Door(rate=0.0, room=0.0), scenario.hang
    else:
        door, hang = Door(rate=scenario.connect_rate, room=scenario.connections), 0.0
        if isinf(scenario.connect_rate) and len(arrived.seconds) <= scenario.connections:
            return by_second(arrived.seconds)
    return Admission(arrived, scenario, door, hang, rng).run(scenario.horizon)


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def _losses(offline: Floats, parts: Iterable[Chunk], until: float) -> NDArray[np.uint32]:
    """Return the messages that each device lost in its seconds without a region.

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

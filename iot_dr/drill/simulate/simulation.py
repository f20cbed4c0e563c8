"""A fleet of up to ten million devices through an outage."""

from collections.abc import Sequence
from math import inf, isinf

import numpy as np

from iot_dr.drill.simulate.admission import Admission, Door
from iot_dr.drill.simulate.arrivals import Arrivals, arrivals, first_attempts
from iot_dr.drill.simulate.backlog import filled
from iot_dr.drill.simulate.chunk import Chunk, Floats, chunks
from iot_dr.drill.simulate.counting import Counts, by_second, padded, summed
from iot_dr.drill.simulate.drained import drained
from iot_dr.drill.simulate.flip import flip, flip_back
from iot_dr.drill.simulate.losses import losses
from iot_dr.drill.simulate.outcome import Outcome
from iot_dr.drill.simulate.regions import regions
from iot_dr.drill.simulate.scenario import Scenario


def simulate(devices: int, scenario: Scenario, seed: int, flipped: float | None = None) -> Outcome:
    """Send devices through an outage; the answer flips at `flipped`, or when checkers see it.

    The same arguments give the same outcome, on any number of cores.
    """
    fates, doors, fleet = np.random.SeedSequence(seed).spawn(3)
    rng, door_rng = _generator(fates), _generator(doors)
    parts = list(chunks(devices, scenario, fleet))
    if flipped is None:
        flipped = _flip(scenario, parts, rng)
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
    returned = flip_back(scenario, flipped, rng)
    cut = None if cuts is None else by_second(cuts)
    seconds = max(len(attempts), len(accepted))
    primary, standby = regions(scenario, devices, padded(accepted, seconds), cut, returned)
    recovered = arrived.seconds
    if cuts is not None:
        recovered -= cuts
    until = max(scenario.horizon, float(len(accepted)))
    return Outcome(
        flipped=flipped,
        returned=returned,
        recovered=recovered,
        lost=losses(recovered, parts, until),
        attempts=padded(attempts, len(primary)),
        accepted=padded(accepted, len(primary)),
        primary=primary,
        standby=standby,
    )


def _flip(scenario: Scenario, parts: Sequence[Chunk], rng: np.random.Generator) -> float:
    if scenario.outage == "freeze" and scenario.mode == "shallow":
        return flip(scenario, rng, filled(scenario, parts, rng))
    return flip(scenario, rng)


def _admit(
    arrived: Arrivals, scenario: Scenario, flipped: float, rng: np.random.Generator
) -> Counts:
    """Write into the arrivals when devices are let in; give the attempts at the standby."""
    if isinf(flipped):
        door, hang = Door(rate=0.0, room=0.0), scenario.hang
    else:
        door, hang = Door(rate=scenario.connect_rate, room=scenario.connections), 0.0
        if isinf(scenario.connect_rate) and len(arrived.seconds) <= scenario.connections:
            return by_second(arrived.seconds)
    return Admission(arrived, scenario, door, hang, rng).run(scenario.horizon)


def _untouched(devices: int, flipped: float) -> Outcome:
    """Give the outcome of a fleet that is led away while no link closes."""
    nobody = np.zeros(1, np.int64)
    return Outcome(
        flipped=flipped,
        returned=inf,
        recovered=np.zeros(devices, np.float32),
        lost=np.zeros(devices, np.uint32),
        attempts=nobody,
        accepted=nobody,
        primary=nobody + devices,
        standby=nobody,
    )


def _generator(seed: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))

"""A part of a fleet that fits into a processor's cache."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iot_dr.drill.simulate.scenario import Scenario

Floats = NDArray[np.float32]

_SIZE: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The devices from `begin` to `end`, whose resolvers keep an answer for `ttl` seconds.

    It draws from its own `seed`, so what it draws does not depend on which chunk is first.
    """

    begin: int
    end: int
    ttl: float
    seed: np.random.SeedSequence
    scenario: Scenario = field(repr=False)

    def __len__(self) -> int:
        return self.end - self.begin

    def phases(self) -> tuple[Floats, np.random.Generator]:
        """Return how much of its period each device has passed, and the generator for what follows.

        The same at each call.
        """
        rng = np.random.Generator(np.random.SFC64(self.seed))
        return rng.random(len(self), dtype=np.float32), rng

    def cuts(self) -> tuple[Floats, np.random.Generator]:
        """Return when each device sees that its link is dead, and the generator for what follows.

        At once where links close; else when it has heard nothing for the keep-alive and the answer
        to a ping, counted from its last message or ping before the outage.
        """
        phases, rng = self.phases()
        habits = self.scenario.habits
        if not self.scenario.is_silent:
            return np.zeros(len(self), np.float32), rng
        phases *= np.float32(habits.period)
        heard = np.fmod(phases, np.float32(habits.keep_alive), out=phases)
        return np.float32(habits.keep_alive + habits.ping_timeout) - heard, rng


def chunks(devices: int, scenario: Scenario, seed: np.random.SeedSequence) -> Iterator[Chunk]:
    """Part a fleet; devices behind resolvers that stretch TTLs come first."""
    stretched = round(devices * scenario.stretched)
    parts = (
        (0, stretched, max(scenario.ttl, scenario.stretched_ttl)),
        (stretched, devices, scenario.ttl),
    )
    for first, last, ttl in parts:
        for begin in range(first, last, _SIZE):
            (own,) = seed.spawn(1)
            end = min(begin + _SIZE, last)
            yield Chunk(begin=begin, end=end, ttl=ttl, seed=own, scenario=scenario)

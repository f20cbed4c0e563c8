"""A part of a fleet, sized for a processor's cache."""

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
    """The devices from `begin` to `end`, whose resolvers cache an answer for `ttl` seconds.

    Each chunk has its own `seed`, so its draws do not depend on the order of chunks.
    """

    begin: int
    end: int
    ttl: float
    seed: np.random.SeedSequence
    scenario: Scenario = field(repr=False)

    def __len__(self) -> int:
        return self.end - self.begin

    def phases(self) -> tuple[Floats, np.random.Generator]:
        """Return each device's phase in its period (0 to 1), and the generator for further draws.

        Each call returns the same.
        """
        rng = np.random.Generator(np.random.SFC64(self.seed))
        return rng.random(len(self), dtype=np.float32), rng

    def cuts(self) -> tuple[Floats, np.random.Generator]:
        """Return when each device notices its dead link, and the generator for further draws.

        At 0 if links close; else after keep-alive and ping timeout without data, counted from its
        last message or ping before the outage.
        """
        phases, rng = self.phases()
        habits = self.scenario.habits
        if not self.scenario.is_silent:
            return np.zeros(len(self), np.float32), rng
        phases *= np.float32(habits.period)
        heard = np.fmod(phases, np.float32(habits.keep_alive), out=phases)
        return np.float32(habits.keep_alive + habits.ping_timeout) - heard, rng


def chunks(devices: int, scenario: Scenario, seed: np.random.SeedSequence) -> Iterator[Chunk]:
    """Divide a fleet into chunks; first the devices whose resolvers cache longer than the TTL."""
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

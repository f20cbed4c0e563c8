"""How a rehearsal is run."""

from dataclasses import dataclass

from iot_dr.drill.fleet.habits import Habits


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user chose: devices, how much faster than real time, the seed of all draws.

    `shared_caches` is how many resolvers the devices share and others keep warm; 0 gives each
    device a cache of its own.
    """

    devices: int
    speed: float
    seed: int
    habits: Habits
    shared_caches: int = 0

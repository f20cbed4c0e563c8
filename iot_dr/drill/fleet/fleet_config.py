"""What processes of devices are told, and what they tell."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.addresses import Addresses
from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.region.identity import Identity
from iot_dr.drill.region.region_config import TimeConfig


class FleetConfig(BaseModel):
    """A fleet, or the part of it that one process holds.

    That part are the devices `first`, `first + step` and so on below `devices`. `connect_rate` is
    how many of them begin to connect in a second of the machine. `shared_caches` is how many
    resolvers they share, which others keep warm; 0 gives each device one of its own. `roots` is the
    file of whom they trust, `certificate` what they show.
    """

    model_config = ConfigDict(frozen=True)

    time: TimeConfig
    habits: Habits
    addresses: Addresses
    environment: str
    name: str
    roots: Path
    certificate: Identity
    devices: int
    seed: int
    connect_rate: float
    shared_caches: int = 0
    first: int = 0
    step: int = 1

    @property
    def numbers(self) -> range:
        """The numbers of its devices."""
        return range(self.first, self.devices, self.step)


class FleetOrder(BaseModel):
    """What a process of devices is told to do after it has begun."""

    action: Literal["stop"]

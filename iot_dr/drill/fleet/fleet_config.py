"""What the process of devices is told."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.region.region_config import Identity, TimeConfig


class FleetConfig(BaseModel):
    """A fleet.

    `connect_rate` is how many devices begin to connect in a second of the machine. `shared_caches`
    is how many
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


class FleetOrder(BaseModel):
    """What the process of devices is told to do after it has begun."""

    action: Literal["stop"]

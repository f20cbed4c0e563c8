"""Messages to the process of devices."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.fleet.habits import Habits
from iot_dr.drill.rig.addresses import Addresses
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.drill.rig.region.region_config import TimeConfig


class FleetConfig(BaseModel):
    """Configuration of a fleet.

    `connect_rate` is how many devices start to connect per second of real time. `shared_caches` is
    the number of shared resolvers that other users keep warm; with 0 each device has its own.
    `roots` is the file of trusted certificates, `certificate` the devices' client certificate.
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


class FleetRequest(BaseModel):
    """A request to the running process of devices."""

    action: Literal["stop"]

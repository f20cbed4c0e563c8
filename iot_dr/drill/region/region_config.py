"""What a region's process is told."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.region.function_host import FunctionConfig
from iot_dr.drill.region.identity import Identity
from iot_dr.drill.region.role import HealthApi, Role


class TimeConfig(BaseModel):
    """How fast time runs, and since when: see Clock."""

    model_config = ConfigDict(frozen=True)

    speed: float
    origin: float


class HealthConfig(BaseModel):
    """The health API: its port, its certificate, and the canary that it asks."""

    model_config = ConfigDict(frozen=True)

    port: int
    api: HealthApi
    identity: Identity
    canary: FunctionConfig


class RegionState(BaseModel):
    """What outages change: the certificate that is served, and what goes wrong.

    `refuses` everybody, `fails_canary` whatever the broker does, `latency` in rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    certificate: Path
    key: Path
    refuses: bool = False
    fails_canary: bool = False
    latency: float = 0


class RegionConfig(BaseModel):
    """All of a region, and how it is at first; `names` are those that it serves."""

    model_config = ConfigDict(frozen=True)

    region: str
    host: str
    https_port: int
    broker_port: int
    names: frozenset[str]
    roles: dict[str, Role]
    time: TimeConfig
    health: HealthConfig | None
    state: RegionState


class WatcherConfig(BaseModel):
    """The watcher's function, the seconds that a call may take, and when in a minute it is called.

    `limit` and `phase` are rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    watcher: FunctionConfig
    limit: float
    phase: float
    time: TimeConfig

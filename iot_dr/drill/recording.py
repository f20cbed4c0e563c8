"""What was asked for in a rehearsal, and what happened, as the report reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from iot_dr.drill.fleet.habits import Habits

BEARABLE: Final = 0.4
"""The part of a machine's connects that devices may ask for: above it, its own queues count."""

BEARABLE_LAG: Final = 2.0
"""Rehearsed seconds by which 1 % of what a drill has to do may be late."""

Kind = Literal["outage", "detection", "flip", "device", "switch", "note"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened, so many rehearsed seconds after the outage; before it, negative."""

    at: float
    kind: Kind
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection of a device that was accepted, from `begin` to `end` (None: still open).

    Times as in Moment. `region` is the one that accepted it.
    """

    device: int
    region: str
    begin: float
    end: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What became of the devices' messages, counted by number for each device.

    `lost` were acknowledged by a broker and never came to a consumer; `dropped` never left the
    device, whose buffer was full; `unsent` were still in its buffer at the end. `doubled` came more
    than once, `reordered` came after one with a higher number.
    """

    made: int = 0
    acknowledged: int = 0
    received: int = 0
    lost: int = 0
    dropped: int = 0
    unsent: int = 0
    doubled: int = 0
    reordered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine can do, and what the rehearsal asked of it, in connects a second of its own.

    `connect_rate` was measured at the start, with mutual TLS; `needed` is the most that the devices
    ask for. A rehearsal that asks for more than a part of it is not valid. `lag` is by how many
    rehearsed seconds the drill was late for 1 % of what it had to do.
    """

    cores: int
    descriptors: int
    connect_rate: float
    needed: float
    lag: float = 0.0

    @property
    def is_enough(self) -> bool:
        """Whether the figures are those of the design, and not of this machine."""
        return self.needed <= BEARABLE * self.connect_rate


@dataclass(slots=True, kw_only=True)
class Recording:
    """One rehearsal: what was asked for, and what happened.

    `answers` are the regions that the device name led to, each with the time from which on; the
    first is the one before the outage. `health` are the changes of what Route 53 held of a check.
    `attempts` counts connects that were tried, by whole rehearsed second after the outage, and
    `refusals` those that failed, by reason. `restored` is when the outage was undone, None where it
    was not. `shared_resolvers` is how many resolvers the devices share, 0 where each has its own.
    """

    environment: str
    outage: str
    region: str
    devices: int
    speed: float
    seed: int
    habits: Habits
    ttl: int
    started: str
    order: tuple[str, ...]
    shared_resolvers: int = 0
    restored: float | None = None
    ended: float = 0.0
    is_partial: bool = False
    moments: list[Moment] = field(default_factory=list[Moment])
    answers: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    health: list[tuple[float, str, bool]] = field(default_factory=list[tuple[float, str, bool]])
    connections: list[Connection] = field(default_factory=list[Connection])
    attempts: dict[int, int] = field(default_factory=dict[int, int])
    refusals: dict[str, int] = field(default_factory=dict[str, int])
    messages: Messages = Messages()
    machine: Machine | None = None
    assumptions: Mapping[str, str] = field(default_factory=dict[str, str])
    unrehearsed: tuple[str, ...] = ()

"""The record of a rehearsal: its options and what happened; the report's input."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self

from iot_dr.drill.fleet.habits import Habits

MAX_LOAD: Final = 0.4
"""Largest valid share of the machine's connect rate; above it, its own queues add delay."""

MAX_LAG: Final = 2.0
"""Largest valid 99th percentile of the drill's lag, in rehearsed seconds."""

Kind = Literal["outage", "detection", "flip", "device", "switch", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a drill: devices, speed-up over real time, random seed.

    `shared_caches` is the number of resolvers that devices share and that other users keep warm;
    with 0 each device has its own cache. `fewer` is as in Recording.
    """

    devices: int
    speed: float
    seed: int
    habits: Habits
    shared_caches: int = 0
    fewer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """An event of the timeline; `at` is in rehearsed seconds, negative before the outage."""

    at: float
    kind: Kind
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPut:
    """A put of the metric of a region's switch, by an operator or the watcher.

    `at` is as in TimelineEvent; `unregistered` is why the watcher could not write the switch's
    register, empty if it could.
    """

    at: float
    by: Literal["operator", "watcher"]
    region: str
    action: Literal["away", "back"]
    unregistered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One accepted connection of a device, from `begin` to `end` (None if still open).

    Times as in TimelineEvent. `region` is the one that accepted it.
    """

    device: int
    region: str
    begin: float
    end: float | None

    def since(self, begin: float) -> Self:
        """Return the connection with times in seconds after `begin`."""
        end = None if self.end is None else self.end - begin
        return replace(self, begin=self.begin - begin, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Counts of the devices' messages, which each device numbers.

    `lost` were acknowledged by a broker but never reached a consumer; `dropped` were discarded by a
    device with a full buffer; `unsent` were in a buffer, or sent without acknowledgement, at the
    end. `duplicated` arrived more than once, `reordered` arrived after a higher number.
    """

    created: int = 0
    acknowledged: int = 0
    received: int = 0
    lost: int = 0
    dropped: int = 0
    unsent: int = 0
    duplicated: int = 0
    reordered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLoad:
    """Capacity of the machine and load of the rehearsal, in connects per second of real time.

    `connect_rate` was measured at the start, with mutual TLS; `needed` is the devices' peak. A
    rehearsal with `needed` above MAX_LOAD of `connect_rate` is not valid. `lag` is the 99th
    percentile of the drill's own delay, in rehearsed seconds.
    """

    cores: int
    descriptors: int
    connect_rate: float
    needed: float
    lag: float = 0.0

    @property
    def is_enough(self) -> bool:
        """Whether the machine is fast enough not to distort the figures."""
        return self.needed <= MAX_LOAD * self.connect_rate


@dataclass(slots=True, kw_only=True)
class Recording:
    """One rehearsal: its options and what happened.

    `answers` are the regions that the device name resolved to, each with its start; the first one
    is from before the outage. `health` are status changes of health checks: time, check, healthy.
    `attempts` counts connect attempts by whole rehearsed second after the outage, `refusals` the
    failed ones by reason. `restored` is when the outage was undone, None if it was not.
    `shared_resolvers` is the number of resolvers that devices share, 0 if each has its own.
    `unserved` are regions that did not serve a device under the device name before the outage, with
    the reasons. `probes` are the probes of a check before the outage that passed, and all.
    `later_failures` are regions that failed after the first one, with the times.
    `fewer` is a sentence about why there are fewer devices than usual, if there are.
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
    events: list[TimelineEvent] = field(default_factory=list[TimelineEvent])
    answers: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    health: list[tuple[float, str, bool]] = field(default_factory=list[tuple[float, str, bool]])
    switch_puts: list[SwitchPut] = field(default_factory=list[SwitchPut])
    later_failures: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    unserved: dict[str, str] = field(default_factory=dict[str, str])
    probes: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    fewer: str = ""
    connections: list[Connection] = field(default_factory=list[Connection])
    attempts: dict[int, int] = field(default_factory=dict[int, int])
    refusals: dict[str, int] = field(default_factory=dict[str, int])
    messages: Messages = Messages()
    machine: MachineLoad | None = None
    assumptions: Mapping[str, str] = field(default_factory=dict[str, str])
    unrehearsed: tuple[str, ...] = ()

    def since(self, begin: float) -> Self:
        """Return the recording with times in seconds after `begin`; attempts keep theirs."""
        return replace(
            self,
            ended=self.ended - begin,
            restored=None if self.restored is None else self.restored - begin,
            events=sorted(
                (replace(each, at=each.at - begin) for each in self.events),
                key=lambda each: each.at,
            ),
            answers=[(at - begin, region) for at, region in self.answers],
            health=[(at - begin, check, healthy) for at, check, healthy in self.health],
            switch_puts=[replace(each, at=each.at - begin) for each in self.switch_puts],
            later_failures=[(at - begin, region) for at, region in self.later_failures],
            connections=[each.since(begin) for each in self.connections],
        )

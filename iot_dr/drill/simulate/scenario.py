"""Scenario of a simulation."""

from dataclasses import dataclass, field
from math import inf
from typing import Final, Literal, get_args

from environments.settings import Settings
from functions.contract import Mode, canary_age
from iot_dr.drill.fleet.habits import Habits
from iot_dr.forecast.recovery_inputs import TCP_TIMEOUT

Outage = Literal["kill", "drop", "freeze", "expired", "switch"]
Cache = Literal["own", "shared"]
CACHES: Final[tuple[Cache, ...]] = get_args(Cache)
"""The kinds of DNS cache, as in `iot-dr rto`."""

OUTAGES: Final[tuple[Outage, ...]] = get_args(Outage)
"""The kinds of outage that the simulation supports."""

_HTTPS_CONNECT: Final = 4.0
_HTTPS_ANSWER: Final = 2.0
_STEPS_OF_CEILING: Final = 300
_SHORTEST_STEP: Final = 0.05
_LONGEST_STEP: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """An outage at time 0, the relevant settings, and the standby's limits.

    Times are in seconds. Kinds of outage: `kill` closes links and refuses connects; `drop` drops
    packets; `freeze` suspends the broker, for which the kernel queues `backlog` connections;
    `expired` closes links and lets TLS handshakes fail; `switch` switches a working region away,
    where an operator closes `drain` links per second, a TTL after the answer has changed.

    `mode` is that of the primary's check. A `shared` cache is kept warm by others. A share
    `stretched` of the devices has resolvers that cache an answer for at least `stretched_ttl`. The
    standby accepts `connect_rate` connects per second and `connections` in total. Devices that
    never come back are simulated for `horizon`.
    """

    outage: Outage = "kill"
    mode: Mode = "shallow"
    interval: float = 10
    threshold: int = 3
    ttl: float = 60
    cache: Cache = "own"
    stretched: float = 0.0
    stretched_ttl: float = 0.0
    connect_rate: float = inf
    connections: float = inf
    habits: Habits = field(default_factory=Habits)
    backlog: int = 100
    drain: float = 0.0
    horizon: float = 3600.0

    @property
    def is_silent(self) -> bool:
        """Whether links stay open although they are dead, and connects hang."""
        return self.outage in {"drop", "freeze"}

    @property
    def hang(self) -> float:
        """Seconds that a connect to the failed region takes to fail."""
        return self.habits.connect_timeout if self.is_silent else 0.0

    @property
    def probe_time(self) -> float:
        """Seconds that a probe of the failed region takes to fail.

        A TCP probe of a frozen broker fails only when the accept queue is full. A deep probe
        reaches the health API and waits for the canary, whose connect hangs.
        """
        if not self.is_silent:
            return 0.0
        if self.mode == "shallow":
            return TCP_TIMEOUT
        return _HTTPS_CONNECT if self.outage == "drop" else _HTTPS_ANSWER

    @property
    def known_age(self) -> float:
        """Seconds for which the canary may return its last good result after the outage begins.

        With dropped packets its answer does not arrive.
        """
        is_probed = self.mode == "deep" and self.outage != "drop"
        return canary_age(self.interval) if is_probed else 0.0

    @property
    def is_seen(self) -> bool:
        """Whether the answer ever changes: a TCP check does not verify certificates."""
        return self.outage != "expired" or self.mode == "deep"

    @property
    def step(self) -> float:
        """Length of a simulation step of the standby's admission in seconds."""
        return min(max(self.habits.ceiling / _STEPS_OF_CEILING, _SHORTEST_STEP), _LONGEST_STEP)


def scenario_of(settings: Settings, outage: Outage, *, cache: Cache = "own") -> Scenario:
    """Return the scenario of an environment's settings, with default habits of devices."""
    health, recovery = settings.health, settings.recovery
    return Scenario(
        outage=outage,
        mode=health.mode,
        interval=health.interval,
        threshold=health.threshold,
        ttl=settings.endpoint.ttl,
        cache=cache,
        connect_rate=recovery.connect_rate,
        habits=Habits(ceiling=recovery.backoff_ceiling),
    )

"""What a simulated fleet lives through."""

from dataclasses import dataclass, field
from math import inf
from typing import Final, Literal, get_args

from environments.settings import Settings
from iot_dr.drill.fleet.habits import Habits
from iot_dr.forecast.recovery_inputs import CANARY_AGE, TCP_TIMEOUT
from iot_dr.route53.failover_config import Mode

Outage = Literal["kill", "drop", "freeze", "expired", "switch"]
Cache = Literal["own", "shared"]

OUTAGES: Final[tuple[Outage, ...]] = get_args(Outage)
"""The kinds of outage that are modelled."""

_HTTPS_CONNECT: Final = 4.0
_HTTPS_ANSWER: Final = 2.0
_STEPS: Final = 300
_SHORTEST_STEP: Final = 0.05
_LONGEST_STEP: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One outage at time 0, the settings that count, and the limits of the region that is left.

    Times are in seconds. Kinds of outage: `kill` closes links and refuses connects at once; `drop`
    lets packets vanish; `freeze` stops the broker, for which the kernel accepts connections until
    `backlog` of them wait; `expired` closes links, and each TLS handshake fails at once; `switch`
    leads devices away from a region that works, where an operator then closes `drain` links a
    second, a TTL after the answer has changed.

    `mode` is that of the primary's check. A `shared` cache is one that others keep warm.
    A part `stretched` of the devices sits behind resolvers that keep an answer for at least
    `stretched_ttl`. The standby accepts `connect_rate` connects a second and `connections` in all.
    What never comes back is followed for `horizon`.
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
        """Whether nothing tells a device that its link is dead, and its connects hang."""
        return self.outage in {"drop", "freeze"}

    @property
    def hang(self) -> float:
        """Seconds that a connect to the failed region takes to fail."""
        return self.habits.connect_timeout if self.is_silent else 0.0

    @property
    def probe_time(self) -> float:
        """Seconds that a probe of the failed region takes to fail.

        A TCP probe of a frozen broker does so only once the backlog is full. A deep probe of one
        reaches the health API, and waits for the canary, whose own connect hangs.
        """
        if not self.is_silent:
            return 0.0
        if self.mode == "shallow":
            return TCP_TIMEOUT
        return _HTTPS_CONNECT if self.outage == "drop" else _HTTPS_ANSWER

    @property
    def known_age(self) -> float:
        """Seconds for which the canary may still tell a good result from before the outage.

        Where packets vanish its answer does not arrive either.
        """
        asked = self.mode == "deep" and self.outage != "drop"
        return min(CANARY_AGE, self.interval) if asked else 0.0

    @property
    def is_seen(self) -> bool:
        """Whether the answer ever changes: a TCP check knows nothing of certificates."""
        return self.outage != "expired" or self.mode == "deep"

    @property
    def step(self) -> float:
        """Seconds of a step in which the standby decides whom it lets in."""
        return min(max(self.habits.ceiling / _STEPS, _SHORTEST_STEP), _LONGEST_STEP)

    def longest_wait(self, failures: int) -> float:
        """Return the seconds that a device waits at most after so many failures in a row."""
        habits = self.habits
        return min(habits.ceiling, habits.backoff * 2.0 ** min(failures, 60))

    @property
    def saturation(self) -> int:
        """Failures in a row after which the wait grows no more."""
        return next(n for n in range(61) if self.longest_wait(n) == self.longest_wait(60))


def scenario_of(settings: Settings, outage: Outage, *, cache: Cache = "own") -> Scenario:
    """Take what counts out of an environment's settings, and the rest as devices usually are."""
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

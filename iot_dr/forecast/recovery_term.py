"""The terms of the recovery time."""

from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.forecast.detection import AGGREGATION, CHECKERS, FAILING, RARE, checkers_part
from iot_dr.forecast.quotas import QUOTAS
from iot_dr.forecast.recovery_inputs import RecoveryInputs

Basis = Literal["documented", "measured", "assumed", "set"]

CONNECT_TIMEOUT: Final = 30.0
"""Seconds until a device gives up an unanswered connection; that of the drill's devices."""

UNDOCUMENTED: Final = "not documented by AWS"
"""The source of a term that is assumed."""

_ENDPOINT: Final = (
    "docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-determining-health-of-endpoints.html"
)
_DRILL: Final = "rehearsal of November 2026, 500 to 2,000 devices on one machine"
_DEVICE: Final = "the devices' own code"
_QUOTA: Final = f"quota {QUOTAS['connect_rate']} of AWS IoT Core in the standby"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of the recovery time or point: typical and maximum, in seconds.

    `minimum` is what 99.95 % of outages exceed, where a measured term is compared with it.
    `settings` are the keys that it depends on; `basis` is how its formula is known.
    """

    name: str
    minimum: float = 0.0
    typical: float
    maximum: float
    description: str
    settings: tuple[str, ...]
    source: str
    basis: Basis

    @property
    def explanation(self) -> str:
        """The name, maximum, description and settings."""
        keys = f" ({', '.join(self.settings)})" if self.settings else ""
        return f"{self.name}, up to {self.maximum:.0f} s: {self.description}{keys}."


def terms(inputs: RecoveryInputs) -> tuple[Term, ...]:
    """Return the terms in order of time; their maxima add up to the bound.

    The last answer before the change is cached for one TTL; a connection attempt that starts then
    hangs, and one back-off follows. After that no more devices arrive: a throttled standby accepts
    its rate until none is refused, and the last devices arrive within one more back-off.
    """
    return (*detection(inputs), aggregation(), _resolver(inputs), *_devices(inputs))


def detection(inputs: RecoveryInputs) -> tuple[Term, ...]:
    """Return the terms from an outage until a check of an endpoint is unhealthy."""
    hanging = inputs.probe_timeout * inputs.threshold
    return (
        Term(
            name="detection",
            minimum=(inputs.threshold - 1 + checkers_part(RARE)) * inputs.interval,
            typical=(inputs.threshold - 1 + FAILING / (CHECKERS + 1)) * inputs.interval,
            maximum=float(inputs.threshold * inputs.interval),
            description="the 14th of 16 checkers reaches the threshold of failures",
            settings=("health.interval", "health.threshold"),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="hanging probes",
            typical=0.0,
            maximum=hanging,
            description="packets are dropped: each probe fails only at its timeout",
            settings=("health.threshold",),
            source=_ENDPOINT,
            basis="documented",
        ),
        Term(
            name="canary",
            typical=inputs.canary_age / 2,
            maximum=inputs.canary_age,
            description="the canary still returns its last good result",
            settings=("health.mode",),
            source="docs/explanation/failover.md",
            basis="set",
        ),
    )


def aggregation() -> Term:
    """Return the term from an unhealthy check until the answer changes."""
    early, late = AGGREGATION
    return Term(
        name="aggregation",
        minimum=early,
        typical=(early + late) / 2,
        maximum=late,
        description="Route 53 aggregates the checkers' results and changes its answer",
        settings=(),
        source=UNDOCUMENTED,
        basis="assumed",
    )


def _resolver(inputs: RecoveryInputs) -> Term:
    return Term(
        name="resolver",
        typical=inputs.ttl / 2,
        maximum=float(inputs.ttl),
        description="a resolver caches the answer from just before the change",
        settings=("endpoint.ttl",),
        source=_DRILL,
        basis="measured",
    )


def _devices(inputs: RecoveryInputs) -> tuple[Term, ...]:
    ceiling = float(inputs.backoff_ceiling)
    return (
        Term(
            name="hanging connect",
            typical=0.0,
            maximum=CONNECT_TIMEOUT,
            description="packets are dropped: a connection to the lost region times out",
            settings=(),
            source=_DEVICE,
            basis="assumed",
        ),
        Term(
            name="back-off",
            typical=ceiling / 3,
            maximum=ceiling,
            description="a device waits before it connects again",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="throttle",
            typical=inputs.fleet / inputs.connect_rate,
            maximum=inputs.fleet / inputs.connect_rate,
            description="the standby limits connections per second",
            settings=("recovery.fleet", "recovery.connect_rate"),
            source=_QUOTA,
            basis="documented",
        ),
        Term(
            name="back-off when refused",
            typical=0.0,
            maximum=ceiling if inputs.is_throttled else 0.0,
            description="a device that the throttled standby refused waits again",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
    )

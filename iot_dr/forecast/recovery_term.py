"""What the recovery time is made of."""

from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.forecast.detection import AGGREGATION, CHECKERS, FAILING
from iot_dr.forecast.recovery_inputs import RecoveryInputs

Basis = Literal["documented", "measured", "assumed", "set"]

CONNECT_TIMEOUT: Final = 30.0
"""Seconds after which a device gives up a connect that is not answered; the drill's devices'."""

_ENDPOINT: Final = (
    "docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "dns-failover-determining-health-of-endpoints.html"
)
_DRILL: Final = "rehearsal of November 2026, 500 to 2,000 devices on one machine"
_DEVICE: Final = "the devices' own code"
_QUOTA: Final = "quota L-AEA1E176 of AWS IoT Core in the standby"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of the recovery time or point, in seconds: as a rule, and at the latest.

    `settings` are the keys that it comes from; `basis` tells how its form is known.
    """

    name: str
    typical: float
    maximum: float
    description: str
    settings: tuple[str, ...]
    source: str
    basis: Basis


def terms(inputs: RecoveryInputs) -> tuple[Term, ...]:
    """Return the terms in the order in which they pass; their latest values add up to the bound.

    Nothing adds more: the last answer before the flip is kept for one TTL; a connect that began
    then hangs, and one back-off follows; from then on no device is new, and a standby that is full
    lets in its rate until so few are left that none is refused, which come within a last back-off.
    """
    return (*_detection(inputs), *_names(inputs), *_devices(inputs))


def _detection(inputs: RecoveryInputs) -> tuple[Term, ...]:
    hanging = inputs.probe_timeout * inputs.threshold
    return (
        Term(
            name="detection",
            typical=(inputs.threshold - 1 + FAILING / (CHECKERS + 1)) * inputs.interval,
            maximum=float(inputs.threshold * inputs.interval),
            description="the 14th of 16 checkers has seen enough failures in a row",
            settings=("health.interval", "health.threshold"),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="hanging probes",
            typical=0.0,
            maximum=hanging,
            description="packets vanish: each probe waits for its time limit before it fails",
            settings=("health.threshold",),
            source=_ENDPOINT,
            basis="documented",
        ),
        Term(
            name="canary",
            typical=inputs.canary_age / 2,
            maximum=inputs.canary_age,
            description="the canary still tells its last good result",
            settings=("health.mode",),
            source="functions/canary",
            basis="set",
        ),
    )


def _names(inputs: RecoveryInputs) -> tuple[Term, ...]:
    early, late = AGGREGATION
    return (
        Term(
            name="aggregation",
            typical=(early + late) / 2,
            maximum=late,
            description="Route 53 counts the checkers' votes and changes its answer",
            settings=(),
            source="no document tells it",
            basis="assumed",
        ),
        Term(
            name="resolver",
            typical=inputs.ttl / 2,
            maximum=float(inputs.ttl),
            description="a resolver keeps the answer that it fetched just before the flip",
            settings=("endpoint.ttl",),
            source=_DRILL,
            basis="measured",
        ),
    )


def _devices(inputs: RecoveryInputs) -> tuple[Term, ...]:
    ceiling = float(inputs.backoff_ceiling)
    return (
        Term(
            name="hanging connect",
            typical=0.0,
            maximum=CONNECT_TIMEOUT,
            description="packets vanish: a connect to the dead region waits for its time limit",
            settings=(),
            source=_DEVICE,
            basis="assumed",
        ),
        Term(
            name="back-off",
            typical=ceiling / 3,
            maximum=ceiling,
            description="a device waits before it tries again",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="throttle",
            typical=inputs.fleet / inputs.connect_rate,
            maximum=inputs.fleet / inputs.connect_rate,
            description="the standby accepts so many connects a second and no more",
            settings=("recovery.fleet", "recovery.connect_rate"),
            source=_QUOTA,
            basis="documented",
        ),
        Term(
            name="back-off when refused",
            typical=0.0,
            maximum=ceiling if inputs.is_throttled else 0.0,
            description="a device that the full standby refused waits once more",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
    )

"""What the recovery time is made of."""

from dataclasses import dataclass
from typing import Final, Literal

from iot_dr.forecast.detection import AGGREGATION, CHECKERS, FAILING
from iot_dr.forecast.recovery_plan import RecoveryPlan

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
    usual: float
    latest: float
    what: str
    settings: tuple[str, ...]
    source: str
    basis: Basis


def terms(plan: RecoveryPlan) -> tuple[Term, ...]:
    """Return the terms in the order in which they pass; their latest values add up to the bound.

    Nothing adds more: the last answer before the flip is kept for one TTL; a connect that began
    then hangs, and one back-off follows; from then on no device is new, and a standby that is full
    lets in its rate until so few are left that none is refused, which come within a last back-off.
    """
    return (*_detection(plan), *_names(plan), *_devices(plan))


def _detection(plan: RecoveryPlan) -> tuple[Term, ...]:
    hanging = plan.probe_timeout * plan.threshold
    return (
        Term(
            name="detection",
            usual=(plan.threshold - 1 + FAILING / (CHECKERS + 1)) * plan.interval,
            latest=float(plan.threshold * plan.interval),
            what="the 14th of 16 checkers has seen enough failures in a row",
            settings=("health.interval", "health.threshold"),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="hanging probes",
            usual=0.0,
            latest=hanging,
            what="packets vanish: each probe waits for its time limit before it fails",
            settings=("health.threshold",),
            source=_ENDPOINT,
            basis="documented",
        ),
        Term(
            name="canary",
            usual=plan.canary_age / 2,
            latest=plan.canary_age,
            what="the canary still tells its last good result",
            settings=("health.mode",),
            source="functions/canary",
            basis="set",
        ),
    )


def _names(plan: RecoveryPlan) -> tuple[Term, ...]:
    early, late = AGGREGATION
    return (
        Term(
            name="aggregation",
            usual=(early + late) / 2,
            latest=late,
            what="Route 53 counts the checkers' votes and changes its answer",
            settings=(),
            source="no document tells it",
            basis="assumed",
        ),
        Term(
            name="resolver",
            usual=plan.ttl / 2,
            latest=float(plan.ttl),
            what="a resolver keeps the answer that it fetched just before the flip",
            settings=("endpoint.ttl",),
            source=_DRILL,
            basis="measured",
        ),
    )


def _devices(plan: RecoveryPlan) -> tuple[Term, ...]:
    ceiling = float(plan.backoff_ceiling)
    return (
        Term(
            name="hanging connect",
            usual=0.0,
            latest=CONNECT_TIMEOUT,
            what="packets vanish: a connect to the dead region waits for its time limit",
            settings=(),
            source=_DEVICE,
            basis="assumed",
        ),
        Term(
            name="back-off",
            usual=ceiling / 3,
            latest=ceiling,
            what="a device waits before it tries again",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
        Term(
            name="throttle",
            usual=plan.fleet / plan.connect_rate,
            latest=plan.fleet / plan.connect_rate,
            what="the standby accepts so many connects a second and no more",
            settings=("recovery.fleet", "recovery.connect_rate"),
            source=_QUOTA,
            basis="documented",
        ),
        Term(
            name="back-off when refused",
            usual=0.0,
            latest=ceiling if plan.is_throttled else 0.0,
            what="a device that the full standby refused waits once more",
            settings=("recovery.backoff_ceiling",),
            source=_DRILL,
            basis="measured",
        ),
    )

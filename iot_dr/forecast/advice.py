"""Settings that would shorten the recovery time, and those without effect."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time

NOTICED: Final = 0.01
"""A smaller share of the 99th percentile is not a gain or loss."""

_FASTEST_INTERVAL: Final = 10
_LEAST_THRESHOLD: Final = 2
_LEAST_TTL: Final = 10
_LEAST_CEILING: Final = 5

QUOTA_FIRST: Final = (
    "recovery.connect_rate and recovery.backoff_ceiling describe the standby's quota and the"
    " devices: change those first, then the setting."
)
"""A note about settings that describe a quota or the devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """A changed setting, and the recovery time in seconds before and after."""

    setting: str
    current: int
    proposed: int
    before: RecoveryTime
    after: RecoveryTime

    @property
    def gain(self) -> float:
        """Seconds by which the 99th percentile decreases, 0 below 1 %."""
        return _gain(self.before.p99, self.after.p99)

    @property
    def loss(self) -> float:
        """Seconds by which the 99th percentile increases, 0 below 1 %."""
        return _gain(self.after.p99, self.before.p99)

    @property
    def own_cache_gain(self) -> float:
        """`gain` of devices with their own DNS cache."""
        return _gain(self.before.own_cache.p99, self.after.own_cache.p99)

    @property
    def shared_cache_gain(self) -> float:
        """`gain` of devices behind a shared resolver."""
        return _gain(self.before.shared_cache.p99, self.after.shared_cache.p99)


def changes(inputs: RecoveryInputs) -> tuple[SettingChange, ...]:
    """Return the effect of one step of each setting, the largest gain first.

    Not evaluated: a threshold of 1, with which one lost probe fails over; a TTL below 10 s and a
    ceiling below 5 s, which multiply queries and connection attempts; a smaller fleet.
    """
    before = recovery_time(inputs)
    tried = [
        SettingChange(
            setting=setting,
            current=now,
            proposed=then,
            before=before,
            after=recovery_time(changed),
        )
        for setting, now, then, changed in _steps(inputs)
    ]
    return tuple(sorted(tried, key=lambda change: -change.gain))


def cost_of_ttl(ttl: int) -> str | None:
    """Return what a TTL below any that `changes` proposes costs; None for a longer one.

    thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html, `--min-cache-ttl`;
    unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html, `cache-min-ttl`.
    """
    if ttl >= _LEAST_TTL:
        return None
    return (
        f"is below {_LEAST_TTL} s: resolvers query Route 53, which bills each query, every {ttl} s"
        " and devices wait for it more often, while a resolver with a minimum of its own keeps the"
        f" answer longer, so a failover is not as fast as predicted; set {_LEAST_TTL} s or more"
    )


def _steps(inputs: RecoveryInputs) -> Iterator[tuple[str, int, int, RecoveryInputs]]:
    if inputs.interval > _FASTEST_INTERVAL:
        changed = replace(inputs, interval=_FASTEST_INTERVAL)
        yield "health.interval", inputs.interval, changed.interval, changed
    if inputs.threshold > _LEAST_THRESHOLD:
        changed = replace(inputs, threshold=inputs.threshold - 1)
        yield "health.threshold", inputs.threshold, changed.threshold, changed
    if (ttl := max(_LEAST_TTL, inputs.ttl // 2)) < inputs.ttl:
        yield "endpoint.ttl", inputs.ttl, ttl, replace(inputs, ttl=ttl)
    if (ceiling := max(_LEAST_CEILING, inputs.backoff_ceiling // 2)) < inputs.backoff_ceiling:
        changed = replace(inputs, backoff_ceiling=ceiling)
        yield "recovery.backoff_ceiling", inputs.backoff_ceiling, ceiling, changed
    if inputs.is_throttled:
        changed = replace(inputs, connect_rate=2 * inputs.connect_rate)
        yield "recovery.connect_rate", inputs.connect_rate, changed.connect_rate, changed


def _gain(before: float, after: float) -> float:
    gained = before - after
    return gained if gained > NOTICED * before else 0.0

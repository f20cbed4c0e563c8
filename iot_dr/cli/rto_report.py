"""What `iot-dr rto` tells of an environment, and the same for machines."""

from dataclasses import asdict, dataclass
from math import isfinite
from operator import attrgetter
from typing import Any, Final, Literal, Self

from environments.settings import Settings
from iot_dr.forecast.advice import Change, changes
from iot_dr.forecast.recovery_plan import recovery_plan
from iot_dr.forecast.recovery_point import RecoveryPoint, recovery_point
from iot_dr.forecast.recovery_term import Term
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time

WAY_BACK: Final = "recovery.fail_back"
"""The setting of `recovery` that counts on the way back alone, and so in none of the terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RtoReport:
    """The predicted recovery of an environment, and what would become of its time with a change.

    `point` is None where the settings have no data.
    """

    settings: Settings
    time: RecoveryTime
    point: RecoveryPoint | None
    tried: tuple[Change, ...]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Predict the recovery time of an environment."""
        plan = recovery_plan(settings)
        return cls(
            settings=settings,
            time=recovery_time(plan),
            point=recovery_point(settings),
            tried=changes(plan),
        )

    @property
    def target(self) -> int:
        """Seconds within which 99 % of the devices must be back."""
        return self.settings.recovery.rto

    @property
    def is_too_late(self) -> bool:
        """Whether the target cannot be met."""
        return self.time.p99 > self.target

    @property
    def verdict(self) -> Literal["ok", "warn", "block"]:
        """The verdict: `block` where the rule `recovery-over-target` does, `warn` for the bound."""
        if self.is_too_late:
            return "block"
        return "warn" if self.time.bound > self.target else "ok"

    @property
    def largest_term(self) -> Term:
        """The largest part of what is over the target: of the 99th percentile, or of the bound.

        What only packets that vanish cost is no part of the percentile.
        """
        if not self.is_too_late:
            return self.time.largest_term
        return self.time.largest_usual_term

    @property
    def helpful(self) -> tuple[Change, ...]:
        """The changes that make it shorter, the best first."""
        return tuple(change for change in self.tried if change.gain)

    @property
    def harmful(self) -> tuple[Change, ...]:
        """The changes that look like a help and make it longer."""
        return tuple(change for change in self.tried if change.loss)

    @property
    def idle(self) -> tuple[Change, ...]:
        """The changes that would change nothing."""
        return tuple(change for change in self.tried if not change.gain and not change.loss)

    def value(self, key: str) -> object:
        """Give the value of a setting such as `health.interval`."""
        return attrgetter(key)(self.settings)

    def document(self) -> dict[str, Any]:
        """Give all of it for machines, in seconds."""
        return {
            "environment": self.settings.environment,
            "verdict": self.verdict,
            "target": self.target,
            **_figures(self.time),
            "own_cache": asdict(self.time.own_cache),
            "shared_cache": asdict(self.time.shared_cache),
            "largest_term": self.largest_term.name,
            "terms": [self._row(term) for term in self.time.terms],
            "changes": [_row(change) for change in self.tried],
            "recovery_point": [self._row(term) for term in self.point.terms]
            if self.point
            else None,
            "no_effect": [*(change.setting for change in self.idle), WAY_BACK],
        }

    def _row(self, term: Term) -> dict[str, Any]:
        """Give a term with the values of its settings; a value that nobody promises is null."""
        return {
            **asdict(term),
            "latest": term.latest if isfinite(term.latest) else None,
            "settings": {key: self.value(key) for key in term.settings},
        }


def _figures(time: RecoveryTime) -> dict[str, float]:
    return {"p50": time.p50, "p99": time.p99, "bound": time.bound}


def _row(change: Change) -> dict[str, Any]:
    return {
        "setting": change.setting,
        "now": change.now,
        "then": change.then,
        **_figures(change.after),
        "gain": change.gain,
        "own_cache_gain": change.own_cache_gain,
        "shared_cache_gain": change.shared_cache_gain,
        "loss": change.loss,
    }

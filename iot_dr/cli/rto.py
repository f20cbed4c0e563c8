"""`iot-dr rto`: predicts how soon devices are back after the loss of a region."""

from dataclasses import asdict, dataclass
from math import isfinite
from operator import attrgetter
from typing import Any, Final, Self

import typer

from environments.selection import load_all
from environments.settings import Settings
from iot_dr.cli.json_output import print_document
from iot_dr.cli.options import EnvironmentOption, JsonOption
from iot_dr.cli.rto_tables import caches, causes, drained, recovery, terms
from iot_dr.cli.text import columns, echo, filled
from iot_dr.common.assumptions import reference, used
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.forecast.advice import QUOTA_FIRST, SettingChange, changes
from iot_dr.forecast.drained_switch import drained_switch
from iot_dr.forecast.failover_cause import CauseTime, cause_times
from iot_dr.forecast.recovery_point import RecoveryPoint
from iot_dr.forecast.recovery_term import Term
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time
from iot_dr.forecast.target import TargetVerdict
from iot_dr.generate.expectation import recovery_inputs, recovery_point

_FAIL_BACK: Final = "recovery.fail_back"
"""The setting of `recovery` that affects only the fail-back, and so no term."""
_ASSUMED: Final = used("rto", {"always"})
_NOT_COVERED: Final = (
    "p50 and p99 assume that connections close and are refused at once; they cover all outages and"
    " devices, with the worse of the two caches. Only the bound covers dropped packets. Not"
    " covered: a device that does not detect a dead connection (a keep-alive of 30 to 60 s ends"
    " before the answer changes, AWS IoT's longest of 1200 s does not), a resolver that caches"
    " beyond the TTL, and the fail-back. Rehearsed with up to 2,000 devices and Route 53 rebuilt"
    " from its documentation; larger fleets are computed."
)


def rto(env: EnvironmentOption = "dev", as_json: JsonOption = False) -> None:
    """Predict the recovery time from the settings, and show what would shorten it.

    It also prints the recovery point: the data that only a lost region has. Times are in seconds
    from the outage; no network is used. --env all reports every environment.

    Exit 0 if 99 % of the devices are back within recovery.rto, else 3.

    Example: iot-dr rto --env dev
    """
    reports = [RtoReport.of(settings) for settings in load_all(env)]
    exit_status = ExitStatus.NOT_GOOD if any(report.verdict.is_missed for report in reports) else 0
    if as_json:
        rows = with_old_keys("rto", [report.document() for report in reports])
        print_document("rto", rows, exit_status, env)
    else:
        echo("\n\n".join(report.text() for report in reports))
    raise typer.Exit(exit_status)


@dataclass(frozen=True, slots=True, kw_only=True)
class RtoReport:
    """The predicted recovery of an environment, and the effect of changed settings.

    `point` is None if the settings have no data.
    """

    settings: Settings
    time: RecoveryTime
    causes: tuple[CauseTime, ...]
    drained: CauseTime
    point: RecoveryPoint | None
    tried: tuple[SettingChange, ...]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Predict the recovery of an environment."""
        plan = recovery_inputs(settings)
        return cls(
            settings=settings,
            time=recovery_time(plan),
            causes=cause_times(plan, settings.recovery.fail_back),
            drained=drained_switch(plan),
            point=recovery_point(settings),
            tried=changes(plan),
        )

    @property
    def target(self) -> int:
        """Seconds within which 99 % of the devices must be back."""
        return self.settings.recovery.rto

    @property
    def verdict(self) -> TargetVerdict:
        """Whether the target is met."""
        return self.time.verdict(self.target)

    @property
    def largest_term(self) -> Term:
        """The largest term of the figure that exceeds the target: the 99th percentile or the bound.

        Timeouts of dropped packets are not part of the percentile.
        """
        is_missed = self.verdict.is_missed
        return self.time.largest_typical_term if is_missed else self.time.largest_term

    @property
    def helpful(self) -> tuple[SettingChange, ...]:
        """The changes that shorten it, best first."""
        return tuple(change for change in self.tried if change.gain)

    @property
    def harmful(self) -> tuple[SettingChange, ...]:
        """The changes that make it longer."""
        return tuple(change for change in self.tried if change.loss)

    @property
    def idle(self) -> tuple[SettingChange, ...]:
        """The changes without effect."""
        return tuple(change for change in self.tried if not change.gain and not change.loss)

    def value(self, key: str) -> object:
        """Return the value of a setting such as `health.interval`."""
        return attrgetter(key)(self.settings)

    def document(self) -> dict[str, Any]:
        """Return the report for JSON, in seconds."""
        return {
            "environment": self.settings.environment,
            "verdict": self.verdict,
            "target": self.target,
            **_figures(self.time),
            "own_cache": asdict(self.time.own_cache),
            "shared_cache": asdict(self.time.shared_cache),
            "largest_term": self.largest_term.name,
            "terms": [self._term(term) for term in self.time.terms],
            "causes": [self._cause(cause) for cause in self.causes],
            "drained_switch": {
                **self._cause(self.drained),
                "rate": self.settings.recovery.connect_rate,
            },
            "changes": [_row(change) for change in self.tried],
            "recovery_point": [self._term(term) for term in self.point.terms]
            if self.point
            else None,
            "no_effect": [*(change.setting for change in self.idle), _FAIL_BACK],
            "assumptions": list(_ASSUMED),
        }

    def text(self) -> str:
        """Return the verdict, the terms with their sources, the changes, and the recovery point."""
        time = (
            _verdict(self),
            caches(self.time),
            terms(self.time),
            causes(self.causes),
            drained(self.drained, self.settings.recovery.connect_rate),
            _advice(self),
            filled(_NOT_COVERED),
        )
        assumed = filled(f"Assumed of AWS: {reference(_ASSUMED)}.")
        return "\n\n".join([*time, recovery(self.point), assumed])

    def _cause(self, cause: CauseTime) -> dict[str, Any]:
        """Return the time until the answer moves because of a cause, with its terms."""
        return {
            "cause": cause.cause.value,
            "typical": cause.typical,
            "bound": cause.bound,
            "terms": [self._term(term) for term in cause.terms],
        }

    def _term(self, term: Term) -> dict[str, Any]:
        """Return a term with the values of its settings; an infinite maximum is null."""
        return {
            **asdict(term),
            "maximum": term.maximum if isfinite(term.maximum) else None,
            "settings": {key: self.value(key) for key in term.settings},
        }


def _figures(time: RecoveryTime) -> dict[str, float]:
    return {"p50": time.p50, "p99": time.p99, "bound": time.bound}


def _row(change: SettingChange) -> dict[str, Any]:
    return {
        "setting": change.setting,
        "current": change.current,
        "proposed": change.proposed,
        **_figures(change.after),
        "gain": change.gain,
        "own_cache_gain": change.own_cache_gain,
        "shared_cache_gain": change.shared_cache_gain,
        "loss": change.loss,
    }


def _verdict(report: RtoReport) -> str:
    time = report.time
    figures = f"p50 {time.p50:.0f} s, p99 {time.p99:.0f} s, bound {time.bound:.0f} s"
    return (
        f"{report.settings.environment}: {report.verdict}: {figures}, target {report.target} s"
        f" (recovery.rto)\n{filled(_explanation(report))}\n{filled(_settings_line(report))}"
    )


def _explanation(report: RtoReport) -> str:
    if report.verdict is TargetVerdict.MET:
        return "All devices are back in time, even in the worst case."
    largest = report.largest_term.explanation
    if not report.verdict.is_missed:
        late = "99 % of the devices are back in time, but not all in the worst case."
        return f"{late} The largest term of the bound is {largest}"
    enough = [
        _step(change)
        for change in report.helpful
        if not change.after.verdict(report.target).is_missed
    ]
    help_ = f"Sufficient alone: {', '.join(enough)}." if enough else "No single change suffices."
    return f"Too late. The largest term is {largest} {help_}"


def _settings_line(report: RtoReport) -> str:
    health, recovery = report.settings.health, report.settings.recovery
    return (
        f"Settings: {health.mode} check, threshold {health.threshold}, interval"
        f" {health.interval} s; TTL {report.settings.endpoint.ttl} s; {recovery.fleet:,} devices,"
        f" of which the standby accepts {recovery.connect_rate:,} per second; back-off up to"
        f" {recovery.backoff_ceiling} s."
    )


def _advice(report: RtoReport) -> str:
    lines = [_gains(report), filled(_without_effect(report))]
    if report.harmful:
        longer = [f"{_step(change)} ({change.loss:.0f} s)" for change in report.harmful]
        lines.append(filled(f"Longer with: {', '.join(longer)}."))
    if any(change.setting.startswith("recovery.") for change in report.helpful):
        lines.append(filled(QUOTA_FIRST))
    return "\n".join(lines)


def _gains(report: RtoReport) -> str:
    if not report.helpful:
        return "No single change shortens it."
    rows = [("CHANGE", "P99", "GAIN", "OWN CACHE", "SHARED CACHE", "BOUND")]
    for change in report.helpful:
        own, shared = _seconds(change.own_cache_gain), _seconds(change.shared_cache_gain)
        after = change.after
        gains = (_seconds(change.gain), own, shared)
        rows.append((_step(change), _seconds(after.p99), *gains, _seconds(after.bound)))
    return columns(rows)


def _without_effect(report: RtoReport) -> str:
    idle = [f"{_step(change)}{_gain_of_one_cache(change)}" for change in report.idle]
    return f"No effect: {', '.join([*idle, f'{_FAIL_BACK} (affects only the fail-back)'])}."


def _gain_of_one_cache(change: SettingChange) -> str:
    """Return the gain with the better of the two caches, if the worse one gains nothing."""
    if change.own_cache_gain:
        return f" ({change.own_cache_gain:.0f} s with a cache in each device only)"
    if change.shared_cache_gain:
        return f" ({change.shared_cache_gain:.0f} s with a shared resolver only)"
    return ""


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value else "none"


def _step(change: SettingChange) -> str:
    return f"{change.setting} {change.current} -> {change.proposed}"

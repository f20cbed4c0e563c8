"""Text and JSON of `iot-dr drill simulate`; needs the extra."""

from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Final

from environments.settings import Settings
from iot_dr.cli.text import columns, filled
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.drill.simulate.scenario import Cache, Outage
from iot_dr.drill.simulate.simulation import SimulationResult
from iot_dr.forecast.recovery_time import Percentiles, recovery_time
from iot_dr.forecast.target import TargetVerdict, judge
from iot_dr.generate.expectation import recovery_inputs

_NAMES: Final[dict[Cache, str]] = {
    "own": "a device's own",
    "shared": "a shared resolver",
}
_PREDICTED: Final = (
    "PREDICTED is the p99 of `iot-dr rto` for this number of devices, over all outages; a"
    " simulation is one outage, whose answer changes when its checkers detect it."
)
_NOT_PREDICTED: Final = (
    "`iot-dr rto` predicts percentiles only for outages that close links and refuse connects at"
    " once; for others only an upper bound."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Figures of one simulation: seconds (inf for never), messages, connects."""

    cache: Cache
    flipped: float
    p50: float
    p99: float
    last: float
    never_back: int
    lost: int
    most_lost: int
    attempts: int
    busiest_second: int
    most_accepted: int
    predicted: Percentiles | None


@dataclass(kw_only=True)
class SimulateReport:
    """The simulations of an outage, one for each kind of DNS cache."""

    settings: Settings
    devices: int
    outage: Outage
    seed: int
    simulations: list[Simulation] = field(default_factory=list[Simulation])

    def add(self, cache: Cache, outcome: SimulationResult) -> None:
        """Add the figures of an outcome."""
        self.simulations.append(
            Simulation(
                cache=cache,
                flipped=outcome.failover_at,
                p50=outcome.p50,
                p99=outcome.p99,
                last=outcome.last,
                never_back=outcome.never,
                lost=int(outcome.lost.sum()),
                most_lost=int(outcome.lost.max()),
                attempts=int(outcome.attempts.sum()),
                busiest_second=outcome.busiest,
                most_accepted=int(outcome.accepted.max(initial=0)),
                predicted=self._predicted(cache),
            )
        )

    @property
    def p99(self) -> float:
        """Seconds until 99 % of the devices are back, with the slower kind of cache."""
        return max(each.p99 for each in self.simulations)

    @property
    def target(self) -> int:
        """Seconds within which 99 % of the devices must be back."""
        return self.settings.recovery.rto

    @property
    def verdict(self) -> TargetVerdict:
        """Whether the target is met by 99 % of the devices, and by the last one."""
        return judge(self.p99, max(each.last for each in self.simulations), self.target)

    @property
    def is_for_larger_fleet(self) -> bool:
        """Whether more devices are simulated than the target applies to."""
        return self.devices > self.settings.recovery.fleet

    def document(self) -> dict[str, Any]:
        """Return the JSON document; null for never and for no prediction."""
        document = {
            "environment": self.settings.environment,
            "outage": self.outage,
            "devices": self.devices,
            "seed": self.seed,
            "verdict": self.verdict,
            "target": self.target,
            "simulations": [_finite(asdict(each)) for each in self.simulations],
        }
        return with_old_keys("drill simulate", document)

    def text(self) -> str:
        """Return the verdict, the figures and their explanation."""
        explanation = _PREDICTED if self.simulations[0].predicted else _NOT_PREDICTED
        return "\n\n".join([self._verdict(), self._times(), self._counts(), filled(explanation)])

    def _predicted(self, cache: Cache) -> Percentiles | None:
        health = self.settings.health
        if self.outage != "kill" and (self.outage != "expired" or health.mode != "deep"):
            return None
        time = recovery_time(recovery_inputs(self.settings, self.devices))
        return time.own_cache if cache == "own" else time.shared_cache

    def _verdict(self) -> str:
        begin = f"{self.settings.environment}: {self.verdict}: {self.outage} of"
        head = f"{begin} {self.devices:,} devices, p99 {_seconds(self.p99)}"
        head += f", target {self.target} s (recovery.rto)"
        if self.verdict.is_missed and self.is_for_larger_fleet:
            fleet = self.settings.recovery.fleet
            head += f"\nThe target applies to at most {fleet:,} devices (recovery.fleet)."
        if any(each.never_back for each in self.simulations):
            never = max(each.never_back for each in self.simulations)
            head += f"\nNever back: {never:,} devices. {self._why()}"
        return head

    def _why(self) -> str:
        if all(isfinite(each.flipped) for each in self.simulations):
            return "The standby has no connections left for them."
        return (
            "The answer never changes: a TCP check does not verify certificates, a deep check does."
        )

    def _times(self) -> str:
        rows: list[tuple[str, ...]] = [("DNS CACHE", "FLIP", "P50", "P99", "LAST", "PREDICTED")]
        for simulation in self.simulations:
            times = (simulation.flipped, simulation.p50, simulation.p99, simulation.last)
            predicted = _seconds(simulation.predicted.p99) if simulation.predicted else "-"
            rows.append((_NAMES[simulation.cache], *map(_seconds, times), predicted))
        return columns(rows)

    def _counts(self) -> str:
        rows = [("DNS CACHE", "LOST", "MOST LOST", "ATTEMPTS", "PER SECOND", "ACCEPTED")]
        rows += [
            (
                _NAMES[simulation.cache],
                f"{simulation.lost / self.devices:.2f}",
                f"{simulation.most_lost:,}",
                f"{simulation.attempts:,}",
                f"{simulation.busiest_second:,}",
                f"{simulation.most_accepted:,}",
            )
            for simulation in self.simulations
        ]
        meaning = (
            "LOST: messages dropped by full buffers, per device on average and at most; ATTEMPTS:"
            " connect attempts, in total and in the busiest second; ACCEPTED: the most that the"
            " standby accepts in a second."
        )
        return f"{columns(rows)}\n{filled(meaning)}"


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if isfinite(value) else "never"


def _finite(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in figures.items()
    }

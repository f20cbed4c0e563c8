"""Text and JSON of `iot-dr drill sweep`; needs the extra."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from environments.project import settings_file
from environments.settings import Settings
from iot_dr.cli.text import columns, filled
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.drill.simulate.chart import chart
from iot_dr.drill.simulate.grid import Value
from iot_dr.drill.simulate.recommendation import SettingsRecommendation, recommendation
from iot_dr.drill.simulate.sweep import OUTAGES, Combination
from iot_dr.forecast.advice import QUOTA_FIRST

_MOST_ROWS: Final = 40
_ABOUT: Final = (
    "P50 and P99 are seconds until devices are back, with the slower kind of DNS cache; LOST and"
    f" ATTEMPTS are messages and connects per device, over {OUTAGES} outages."
)


@dataclass(frozen=True, kw_only=True)
class SweepReport:
    """The figures of all combinations, and the recommendation."""

    settings: Settings
    current: Mapping[str, Value]
    devices: int
    combinations: Sequence[Combination]

    @cached_property
    def advice(self) -> SettingsRecommendation:
        """The recommended settings."""
        return recommendation(self.combinations, self.current, self.settings.recovery.rto)

    def document(self) -> dict[str, Any]:
        """Return the JSON document."""
        advice = self.advice
        document = {
            "environment": self.settings.environment,
            "devices": self.devices,
            "target": advice.target,
            "current": dict(self.current),
            "combinations": [
                {
                    "values": dict(combination.values),
                    "own_cache": asdict(combination.own),
                    "shared_cache": asdict(combination.shared),
                }
                for combination in self._ordered
            ],
            "meets_target": advice.meets_target,
            "changes": dict(advice.changes),
            "p99": advice.recommended.worse.p99,
            "without_gain": list(advice.without_gain),
        }
        return with_old_keys("drill sweep", document)

    def text(self) -> str:
        """Return the table and the recommendation."""
        head = f"{self.settings.environment}: loss of a region, {self.devices:,} devices, target"
        head = f"{head} {self.advice.target} s (recovery.rto)"
        return "\n\n".join([head, self._table(), filled(_ABOUT), self._advice()])

    def chart(self) -> bytes:
        """Return the chart, an SVG."""
        title = f"{self.settings.environment}: loss of a region, {self.devices:,} devices"
        return chart(self.combinations, self.current, self.advice.target, title)

    @property
    def _ordered(self) -> list[Combination]:
        return sorted(self.combinations, key=lambda each: each.worse.p99)

    def _table(self) -> str:
        keys = list(self.current)
        heads = (key.rpartition(".")[2].upper() for key in keys)
        rows: list[tuple[str, ...]] = [(*heads, "P50", "P99", "LOST", "ATTEMPTS", "")]
        ordered = self._ordered
        for number, combination in enumerate(ordered):
            if number < _MOST_ROWS or combination.values == self.current:
                rows.append(
                    (*(str(combination.values[key]) for key in keys), *self._figures(combination))
                )
        left_out = len(ordered) + 1 - len(rows)
        return columns(rows) + (f"\n{left_out} slower ones not shown" if left_out else "")

    def _figures(self, combination: Combination) -> tuple[str, ...]:
        worse = combination.worse
        labels = ["current"] if combination.values == self.current else []
        labels += (
            ["recommended"]
            if self.advice.changes and combination is self.advice.recommended
            else []
        )
        figures = (f"{worse.p50:.0f} s", f"{worse.p99:.0f} s", f"{worse.lost:.1f}")
        return (*figures, f"{worse.attempts:.1f}", ", ".join(labels))

    def _advice(self) -> str:
        advice = self.advice
        lines = [filled(self._verdict())]
        if advice.changes:
            lines.append(advice.yaml())
        if any(key.startswith("recovery.") for key in advice.changes):
            lines.append(filled(QUOTA_FIRST))
        if advice.without_gain:
            lines.append(filled(f"No gain if changed alone: {', '.join(advice.without_gain)}."))
        return "\n".join(lines)

    def _verdict(self) -> str:
        advice, environment = self.advice, self.settings.environment
        then, now = advice.recommended.worse.p99, advice.current.worse.p99
        if not advice.meets_target:
            if not advice.changes:
                return (
                    "No combination meets the target, and none is faster than the current settings."
                )
            return (
                f"No combination meets the target. The fastest, p99 {then:.0f} s instead of"
                f" {now:.0f} s, in {settings_file(environment)}:"
            )
        if not advice.changes:
            return f"The current settings meet the target: p99 {now:.0f} s."
        return (
            f"The cheapest change that meets the target, p99 {then:.0f} s instead of {now:.0f} s,"
            f" in {settings_file(environment)}:"
        )

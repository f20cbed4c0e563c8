"""Recommended settings from the results of a sweep."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from iot_dr.drill.simulate.grid import Value
from iot_dr.drill.simulate.sweep import Combination
from iot_dr.forecast.advice import NOTICED
from iot_dr.forecast.target import judge

_EFFORT: Final = {
    "endpoint.ttl": 1.0,
    "health.threshold": 2.0,
    "health.interval": 2.0,
    "recovery.backoff_ceiling": 4.0,
    "recovery.connect_rate": 8.0,
    "health.mode": 16.0,
}
"""Relative cost of a change: a TTL costs DNS queries; a threshold, false alarms; an interval,
money each month; a back-off ceiling, new code in every device; a connect rate, a quota of AWS;
a shallow check, undetected outages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRecommendation:
    """Recommendation to have 99 % of the devices back within `target` seconds.

    `recommended` is the cheapest combination that meets the target, or the fastest one if
    `meets_target` is false; `changes` are its differences from the current settings.
    `without_gain` are swept settings that gain nothing if changed alone.
    """

    target: int
    current: Combination
    recommended: Combination
    meets_target: bool
    changes: Mapping[str, Value]
    without_gain: tuple[str, ...]

    def yaml(self) -> str:
        """Return the changes as YAML for the environment's file."""
        blocks: dict[str, list[str]] = {}
        for key, value in self.changes.items():
            block, name = key.split(".")
            blocks.setdefault(block, []).append(
                f"  {name}: {value} # was {self.current.values[key]}"
            )
        return "\n".join(line for block, lines in blocks.items() for line in (f"{block}:", *lines))


def recommendation(
    swept: Sequence[Combination], now: Mapping[str, Value], target: int
) -> SettingsRecommendation:
    """Choose the cheapest combination that meets the target, else the fastest one."""
    before = next(each for each in swept if each.values == now)
    enough = [
        each for each in swept if not judge(each.worse.p99, each.worse.last, target).is_missed
    ]
    then = (
        min(enough, key=lambda each: (effort(now, each.values), each.worse.p99))
        if enough
        else min(swept, key=lambda each: (each.worse.p99, effort(now, each.values)))
    )
    return SettingsRecommendation(
        target=target,
        current=before,
        recommended=then,
        meets_target=bool(enough),
        changes={key: value for key, value in then.values.items() if value != now[key]},
        without_gain=tuple(_idle(swept, before)),
    )


def effort(now: Mapping[str, Value], then: Mapping[str, Value]) -> float:
    """Return the relative cost of changes; each doubling or halving of a number adds its cost."""
    return sum(
        _EFFORT[key] * (1 + _distance(now[key], value))
        for key, value in then.items()
        if value != now[key]
    )


def _distance(now: Value, then: Value) -> float:
    if isinstance(now, int) and isinstance(then, int):
        return abs(log2(then / now))
    return 0.0


def _idle(swept: Sequence[Combination], before: Combination) -> Iterator[str]:
    """Yield the settings that gain less than 1 % with any value, if changed alone."""
    for key, value in before.values.items():
        alone = [
            combination.worse.p99
            for combination in swept
            if combination.values[key] != value
            and {**combination.values, key: value} == before.values
        ]
        if alone and min(alone) > (1 - NOTICED) * before.worse.p99:
            yield key

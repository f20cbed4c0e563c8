"""Which settings to change, by what a sweep has shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from iot_dr.drill.simulate.grid import Value
from iot_dr.drill.simulate.sweep import Swept

_NOTICED: Final = 0.01

_EFFORT: Final = {
    "endpoint.ttl": 1.0,
    "health.threshold": 2.0,
    "health.interval": 2.0,
    "recovery.backoff_ceiling": 4.0,
    "recovery.connect_rate": 8.0,
    "health.mode": 16.0,
}
"""What a change costs, in no unit but beside one another: a TTL costs queries; a threshold, false
alarms; an interval, money each month; a ceiling, new code in every device; a rate, a quota from
AWS; a shallow check, outages that it does not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to do to have 99 % of the devices back within `target` seconds.

    `changes` are the settings of the cheapest combination that meets it, empty where those of now
    do; `then` is that combination, or the one that comes nearest where `is_enough` is not so.
    `idle` are swept settings that gain nothing by themselves.
    """

    target: int
    now: Swept
    then: Swept
    is_enough: bool
    changes: Mapping[str, Value]
    idle: tuple[str, ...]

    def yaml(self) -> str:
        """Return the changes as lines for the environment's file."""
        blocks: dict[str, list[str]] = {}
        for key, value in self.changes.items():
            block, name = key.split(".")
            blocks.setdefault(block, []).append(f"  {name}: {value} # was {self.now.values[key]}")
        return "\n".join(line for block, lines in blocks.items() for line in (f"{block}:", *lines))


def recommendation(swept: Sequence[Swept], now: Mapping[str, Value], target: int) -> Recommendation:
    """Choose the combination that changes least, weighed by what each change costs."""
    before = next(each for each in swept if each.values == now)
    enough = [each for each in swept if each.worse.p99 <= target]
    then = (
        min(enough, key=lambda each: (effort(now, each.values), each.worse.p99))
        if enough
        else min(swept, key=lambda each: (each.worse.p99, effort(now, each.values)))
    )
    return Recommendation(
        target=target,
        now=before,
        then=then,
        is_enough=bool(enough),
        changes={key: value for key, value in then.values.items() if value != now[key]},
        idle=tuple(_idle(swept, before)),
    )


def effort(now: Mapping[str, Value], then: Mapping[str, Value]) -> float:
    """Weigh what it costs to change settings; twice or half of a number counts twice as much."""
    return sum(
        _EFFORT[key] * (1 + _distance(now[key], value))
        for key, value in then.items()
        if value != now[key]
    )


def _distance(now: Value, then: Value) -> float:
    if isinstance(now, int) and isinstance(then, int):
        return abs(log2(then / now))
    return 0.0


def _idle(swept: Sequence[Swept], before: Swept) -> Iterator[str]:
    """Return the settings that gain less than 1 % whatever value they alone are changed to."""
    for key, value in before.values.items():
        alone = [
            each.worse.p99
            for each in swept
            if each.values[key] != value and {**each.values, key: value} == before.values
        ]
        if alone and min(alone) > (1 - _NOTICED) * before.worse.p99:
            yield key

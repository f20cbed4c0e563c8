"""How soon the answer moves, by the cause that moves it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from functions.contract import FEWEST_FAILURES, FailBack
from iot_dr.forecast.detection import EVALUATION_DELAY
from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.forecast.recovery_term import UNDOCUMENTED, Term, aggregation, detection
from modules.function_limits import watch_seconds

_SCHEDULE: Final = "docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html"


class FailoverCause(StrEnum):
    """What moves the answer: a check of an endpoint, or who sets a switch."""

    ENDPOINT = "endpoint check"
    """A TCP check of a regional name."""
    DEEP = "deep check"
    """An HTTPS check of a health API with a canary."""
    SWITCH = "switch"
    """An operator's switch."""
    WATCHER = "watcher"
    """The primary's switch, set by the watcher."""

    @property
    def is_check(self) -> bool:
        """Whether Route 53's checkers see it themselves."""
        return self in {FailoverCause.ENDPOINT, FailoverCause.DEEP}


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTime:
    """The terms from an outage, or from a put of the switch's metric, to the changed answer."""

    cause: FailoverCause
    terms: tuple[Term, ...]

    @property
    def typical(self) -> float:
        """Seconds in which the answer typically changes."""
        return sum(term.typical for term in self.terms)

    @property
    def bound(self) -> float:
        """Seconds that no modelled case exceeds; also with dropped packets."""
        return sum(term.maximum for term in self.terms)


def cause_times(inputs: RecoveryInputs, fail_back: FailBack) -> tuple[CauseTime, ...]:
    """Return the times of all causes of an environment; only with `latched` there is a watcher."""
    causes = [FailoverCause.ENDPOINT, FailoverCause.SWITCH]
    if inputs.mode == "deep":
        causes.insert(1, FailoverCause.DEEP)
    if fail_back == "latched":
        causes.append(FailoverCause.WATCHER)
    return tuple(cause_time(inputs, cause) for cause in causes)


def cause_time(inputs: RecoveryInputs, cause: FailoverCause) -> CauseTime:
    """Return the time of one cause."""
    return CauseTime(cause=cause, terms=(*_noticed(inputs, cause), aggregation()))


def _noticed(inputs: RecoveryInputs, cause: FailoverCause) -> Iterator[Term]:
    """Yield the terms until a health check is unhealthy."""
    if cause.is_check:
        mode = "deep" if cause is FailoverCause.DEEP else "shallow"
        yield from (term for term in detection(replace(inputs, mode=mode)) if term.maximum)
        return
    if cause is FailoverCause.WATCHER:
        yield from _watch(inputs)
    yield Term(
        name="alarm",
        minimum=EVALUATION_DELAY,
        typical=inputs.alarm_period / 2 + EVALUATION_DELAY,
        maximum=inputs.alarm_period + EVALUATION_DELAY,
        description="the switch's alarm evaluates the period in which the metric was put",
        settings=(),
        source=UNDOCUMENTED,
        basis="assumed",
    )


def _watch(inputs: RecoveryInputs) -> Iterator[Term]:
    failures = max(inputs.threshold, FEWEST_FAILURES)
    yield Term(
        name="schedule",
        typical=inputs.watch_period / 2,
        maximum=float(inputs.watch_period),
        description="the watcher is invoked each minute",
        settings=(),
        source=_SCHEDULE,
        basis="documented",
    )
    yield Term(
        name="watch",
        minimum=float((failures - 1) * inputs.interval),
        typical=float((failures - 1) * inputs.interval),
        maximum=float(watch_seconds(inputs.interval, inputs.threshold)),
        description="the watcher's probes fail in a row, at most until the function's timeout",
        settings=("health.interval", "health.threshold"),
        source="docs/explanation/failover.md",
        basis="set",
    )

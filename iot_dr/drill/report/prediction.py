"""Comparison of a rehearsal with the prediction of `iot-dr rto` for the same fleet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.recording import MAX_LAG
from iot_dr.drill.report.answer_cause import AnswerCause
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.forecast.failover_cause import CauseTime, FailoverCause, cause_time
from iot_dr.forecast.recovery_term import Term
from iot_dr.forecast.recovery_time import recovery_time, returns
from iot_dr.generate.expectation import recovery_inputs

TOLERANCE: Final = 0.1
"""Fraction by which a term may deviate from the times in which it was predicted."""

_REST: Final = ("hanging connect", "back-off", "throttle", "back-off when refused")


@dataclass(frozen=True, slots=True)
class Compared:
    """Measured seconds, None if missing, and predicted seconds."""

    measured: float | None
    predicted: float

    @property
    def deviation_percent(self) -> float | None:
        """Deviation of the measured from the predicted value in percent.

        None if nothing was measured or the prediction is 0.
        """
        if self.measured is None or not self.predicted:
            return None
        return (self.measured / self.predicted - 1) * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTerm:
    """A term of the recovery time in seconds, measured and predicted.

    `typical` and `maximum` are predicted. `longest` is measured for the last device, for terms that
    differ by device. `interval` describes the measured interval. `lowest` and `highest` are the
    times within which 99.9 % of outages are, for that many devices and the measured change of the
    answer, with a tolerance; None if the term is not judged.
    """

    name: str
    measured: float | None
    longest: float | None
    typical: float
    maximum: float
    interval: str
    lowest: float | None = None
    highest: float | None = None

    @property
    def deviates(self) -> bool:
        """Whether the measured time is outside of the predicted ones."""
        if self.measured is None or self.lowest is None or self.highest is None:
            return False
        return not self.lowest <= self.measured <= self.highest

    def within(self, early: float, late: float) -> Self:
        """Return the term, judged by predicted times.

        Both may be exceeded by TOLERANCE, and by the delay with which the drill itself is valid.
        """
        lowest = max(0.0, early * (1 - TOLERANCE) - MAX_LAG)
        return replace(self, lowest=lowest, highest=late * (1 + TOLERANCE) + MAX_LAG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The prediction for the settings and the number of rehearsed devices.

    `p50` and `p99` are for the devices' kind of DNS cache, `worst_p50` and `worst_p99` for the
    slower kind, as printed by `iot-dr rto`. `by_cause` is the time of the cause that moved the
    answer, or that should have. `limits` are sentences about what is not comparable.
    """

    p50: Compared
    p99: Compared
    last: Compared
    worst_p50: float
    worst_p99: float
    cache: str
    by_cause: CauseTime
    terms: tuple[ComparedTerm, ...]
    limits: tuple[str, ...]


def prediction(
    result: Rehearsed, settings: Settings, measured: Figures, cause: AnswerCause | None
) -> Prediction:
    """Return the prediction for a result; the last device is compared with the upper bound.

    `cause` is what moved the answer, None if nothing did or it is unknown.
    """
    recording = result.recording
    inputs = recovery_inputs(settings, recording.devices)
    time = recovery_time(inputs)
    is_shared = recording.shared_resolvers > 0
    cache = time.shared_cache if is_shared else time.own_cache
    shared = f"{recording.shared_resolvers} shared resolvers"
    sample, by_cause = measured.recovery, cause_time(inputs, _kind(result, settings, cause))
    return Prediction(
        p50=Compared(sample.p50, cache.p50),
        p99=Compared(sample.p99, cache.p99),
        last=Compared(None if sample.missing else sample.last, time.bound),
        worst_p50=time.p50,
        worst_p99=time.p99,
        cache=shared if is_shared else "one per device",
        by_cause=by_cause,
        terms=(
            *_cause_terms(result, measured, cause, by_cause),
            *_device_terms(result, settings, measured, time.terms),
        ),
        limits=(*_settling(result), *_limits(measured, is_shared=is_shared)),
    )


def _kind(result: Rehearsed, settings: Settings, cause: AnswerCause | None) -> FailoverCause:
    """Return the kind of the cause: the found, else the expected, else the primary's own check."""
    if kind := (cause.kind if cause else None) or result.expectation.cause:
        return kind
    return FailoverCause.DEEP if settings.health.mode == "deep" else FailoverCause.ENDPOINT


def _settling(result: Rehearsed) -> Iterator[str]:
    if result.expectation.effect is Effect.SETTLES:
        yield (
            "The region failed repeatedly: measured is the first lasting link, in any region, not"
            " the predicted recovery."
        )


def _limits(measured: Figures, *, is_shared: bool) -> Iterator[str]:
    if not measured.lost:
        yield "No device lost its link, so there is no recovery time to compare."
    elif not measured.failover:
        yield "The answer did not move, so the recovery is not comparable to the prediction."
    elif measured.is_silent:
        yield (
            "Links did not close: p50 and p99 are predicted for links that close; only the bound"
            " includes hanging probes and connects."
        )
    if isolates_resolver(measured, is_shared=is_shared):
        yield (
            "The times of resolver and back-off cannot be measured separately: the first device"
            " back is taken as the resolver's term, the spread after it as the others."
        )


def _cause_terms(
    result: Rehearsed, measured: Figures, cause: AnswerCause | None, by_cause: CauseTime
) -> Iterator[ComparedTerm]:
    """Yield the terms until a check is unhealthy, and from there until the answer moves.

    They are judged if something should move the answer.
    """
    expected, detected = result.expectation, measured.detection.at if measured.detection else None
    begin, seen = (cause.since, cause.at) if cause else (0.0, detected)
    *first, aggregation = by_cause.terms
    # Links that close at once are of a region whose probes do not hang either.
    is_refused = bool(measured.lost) and not measured.is_silent
    hangs = [term for term in first if not (is_refused and term.name == "hanging probes")]
    noticed = _summed(first, "until a check is unhealthy", _between(begin, seen), None)
    failover = measured.failover.at if measured.failover else None
    how = "from there until the answer moves"
    changed = _summed([aggregation], how, _between(seen, failover), None)
    if expected.cause is None:
        yield from (noticed, changed)
        return
    earliest, latest = (sum(term.minimum for term in first), sum(term.maximum for term in hangs))
    yield noticed.within(earliest, latest)
    yield changed.within(aggregation.minimum, aggregation.maximum + expected.delay)


def _device_terms(
    result: Rehearsed, settings: Settings, measured: Figures, predicted: tuple[Term, ...]
) -> Iterator[ComparedTerm]:
    """Yield the terms from the change of the answer until devices are back."""
    if not measured.lost:
        return
    recording, failover = result.recording, measured.failover.at if measured.failover else None
    first, p50, last = measured.recovery.first, measured.recovery.p50, measured.recovery.last
    is_shared = recording.shared_resolvers > 0
    resolver = [term for term in predicted if term.name == "resolver"]
    rest = [term for term in predicted if term.name in _REST]
    back = None
    # Devices query DNS once their link has closed, which a busy machine does late. From there on
    # their caches and waits decide when they are back.
    begun = measured.link_ends.p50 or 0.0
    if (
        failover is not None
        and result.expectation.effect is Effect.MOVES
        and not measured.is_silent
    ):
        inputs = recovery_inputs(settings, recording.devices)
        back = returns(inputs, max(0.0, failover - begun), MAX_LAG, is_shared=is_shared)
    if isolates_resolver(measured, is_shared=is_shared):
        how = "from there to the first device back"
        cached = _summed(resolver, how, _between(failover, first), None)
        if back:
            cached = cached.within(*_after(failover, begun, back.first(measured.lost)))
        yield cached
        how = "from the first device to half of them, and to the last"
        term = _summed(rest, how, _between(first, p50), _between(first, last))
        if back:
            # A first device that is late makes the others late as well.
            half = _after(first, begun, back.median(measured.lost))
            term = term.within(*(back.spread(measured.lost) if cached.deviates else half))
        yield term
    else:
        how = "from there until half of the devices are back, and the last"
        term = _summed([*resolver, *rest], how, _between(failover, p50), _between(failover, last))
        if back:
            term = term.within(*_after(failover, begun, back.median(measured.lost)))
        yield term


def _summed(
    terms: Sequence[Term], how: str, measured: float | None, longest: float | None
) -> ComparedTerm:
    return ComparedTerm(
        name=", ".join(term.name for term in terms if term.maximum),
        measured=measured,
        longest=longest,
        typical=sum(term.typical for term in terms),
        maximum=sum(term.maximum for term in terms),
        interval=how,
    )


def _after(begin: float | None, begun: float, span: tuple[float, float]) -> tuple[float, float]:
    """Return a span of seconds after `begun` as seconds after `begin`, both after the outage."""
    early, late = span
    return early + begun - (begin or 0.0), late + begun - (begin or 0.0)


def isolates_resolver(measured: Figures, *, is_shared: bool) -> bool:
    """Whether the first device back measures the resolver's term for all devices.

    It does if all devices queried DNS at the same time with caches of their own.
    """
    first, failover = measured.recovery.first, measured.failover
    is_known = failover is not None and first is not None and first >= failover.at
    return is_known and not is_shared and not measured.is_silent


def _between(begin: float | None, end: float | None) -> float | None:
    """Return the seconds between two times; None if one is missing or they are out of order."""
    return None if begin is None or end is None or end < begin else end - begin

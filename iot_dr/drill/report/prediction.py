"""Comparison of a rehearsal with the prediction of `iot-dr rto` for the same fleet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.forecast.recovery_inputs import recovery_inputs
from iot_dr.forecast.recovery_time import RecoveryTime, recovery_time

_AT_ONCE: Final = 1.0
"""Seconds within which a calculated check follows its children."""

_REST: Final = ("hanging connect", "back-off", "throttle", "back-off when refused")
_Part = tuple[tuple[str, ...], float | None, float | None, str]


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

    `typical` and `maximum` are predicted, None for detection by an alarm. `longest` is measured for
    the last device, for terms that differ by device. `interval` describes the measured interval.
    """

    name: str
    measured: float | None
    longest: float | None
    typical: float | None
    maximum: float | None
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The prediction for the settings and the number of rehearsed devices.

    `p50` and `p99` are for the devices' kind of DNS cache, `worst_p50` and `worst_p99` for the
    slower kind, as printed by `iot-dr rto`. `limits` are sentences about what is not comparable.
    """

    p50: Compared
    p99: Compared
    last: Compared
    worst_p50: float
    worst_p99: float
    cache: str
    terms: tuple[ComparedTerm, ...]
    limits: tuple[str, ...]


def prediction(result: Rehearsed, settings: Settings, measured: Figures) -> Prediction:
    """Return the prediction for a result; the last device is compared with the upper bound."""
    recording = result.recording
    time = recovery_time(recovery_inputs(settings, recording.devices))
    is_shared = recording.shared_resolvers > 0
    cache = time.shared_cache if is_shared else time.own_cache
    shared = f"{recording.shared_resolvers} shared resolvers"
    sample, by_alarm = measured.recovery, _is_by_alarm(result, measured)
    return Prediction(
        p50=Compared(sample.p50, cache.p50),
        p99=Compared(sample.p99, cache.p99),
        last=Compared(None if sample.missing else sample.last, time.bound),
        worst_p50=time.p50,
        worst_p99=time.p99,
        cache=shared if is_shared else "one per device",
        terms=tuple(compared_terms(time, measured, by_alarm=by_alarm, is_shared=is_shared)),
        limits=(
            *_settling(result),
            *_limits(measured, by_alarm=by_alarm, is_shared=is_shared),
        ),
    )


def _is_by_alarm(result: Rehearsed, measured: Figures) -> bool:
    """Whether the first unhealthy check follows an alarm, and no endpoint's check failed."""
    if not measured.detection:
        return False
    until = measured.detection.at + _AT_ONCE
    seen = {id_ for at, id_, healthy in result.recording.health if 0 <= at <= until and not healthy}
    types = {result.world.checks[id_].type for id_ in seen if id_ in result.world.checks}
    return "CLOUDWATCH_METRIC" in types and not types & {"HTTPS", "TCP"}


def _settling(result: Rehearsed) -> Iterator[str]:
    if result.expectation.effect is Effect.SETTLES:
        yield (
            "The region failed repeatedly: measured is the first lasting link, in any region, not"
            " the predicted recovery."
        )


def _limits(measured: Figures, *, by_alarm: bool, is_shared: bool) -> Iterator[str]:
    if by_alarm:
        yield "An alarm detected the outage; detection is predicted only for checks of endpoints."
    if not measured.lost:
        yield "No device lost its link, so there is no recovery time to compare."
    elif not measured.flip:
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


def compared_terms(
    time: RecoveryTime, measured: Figures, *, by_alarm: bool, is_shared: bool
) -> Iterator[ComparedTerm]:
    """Yield measured intervals with the predicted terms that they consist of.

    `by_alarm`: an alarm detected the outage. `is_shared`: devices share resolvers.
    """
    by_name = {term.name: term for term in time.terms}
    for names, seconds, longest, how in _parts(measured, is_shared=is_shared):
        terms = [by_name[name] for name in names]
        is_known = not (by_alarm and "detection" in names)
        yield ComparedTerm(
            name=", ".join(term.name for term in terms if term.maximum) if is_known else names[0],
            measured=seconds,
            longest=longest,
            typical=sum(term.typical for term in terms) if is_known else None,
            maximum=sum(term.maximum for term in terms) if is_known else None,
            interval=how,
        )


def isolates_resolver(measured: Figures, *, is_shared: bool) -> bool:
    """Whether the first device back measures the resolver's term for all devices.

    It does if all devices queried DNS at the same time with caches of their own.
    """
    first, flip = measured.recovery.first, measured.flip
    is_known = flip is not None and first is not None and first >= flip.at
    return is_known and not is_shared and not measured.is_silent


def _parts(measured: Figures, *, is_shared: bool) -> Iterator[_Part]:
    detected = measured.detection.at if measured.detection else None
    flip = measured.flip.at if measured.flip else None
    first, p50, last = measured.recovery.first, measured.recovery.p50, measured.recovery.last
    yield ("detection", "hanging probes", "canary"), detected, None, "until a check is unhealthy"
    yield ("aggregation",), _between(detected, flip), None, "from there until the answer moves"
    if isolates_resolver(measured, is_shared=is_shared):
        yield ("resolver",), _between(flip, first), None, "from there to the first device back"
        how = "from the first device to half of them, and to the last"
        yield _REST, _between(first, p50), _between(first, last), how
    elif measured.lost:
        how = "from there until half of the devices are back, and the last"
        yield ("resolver", *_REST), _between(flip, p50), _between(flip, last), how


def _between(begin: float | None, end: float | None) -> float | None:
    """Return the seconds between two times; None if one is missing or they are out of order."""
    return None if begin is None or end is None or end < begin else end - begin

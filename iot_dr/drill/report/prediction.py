"""What `iot-dr rto` predicts for the fleet that was rehearsed, beside what was measured."""

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
"""Seconds within which a check that depends on others follows them."""

_REST: Final = ("hanging connect", "back-off", "throttle", "back-off when refused")
_Part = tuple[tuple[str, ...], float | None, float | None, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Seconds measured, None where there are none, beside those predicted."""

    measured: float | None
    predicted: float

    @property
    def deviation(self) -> float | None:
        """The percentage by which more was measured than predicted."""
        if self.measured is None or not self.predicted:
            return None
        return (self.measured / self.predicted - 1) * 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBeside:
    """One part of the recovery time in seconds, beside what is usual and the latest predicted.

    `longest` is what was measured of the last device, where devices differ; `how` tells from where
    to where was measured. Nothing is predicted of an alarm that detects.
    """

    name: str
    measured: float | None
    longest: float | None
    usual: float | None
    latest: float | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The prediction for the settings, but for as many devices as were rehearsed.

    `p50` and `p99` are those of the DNS cache that the devices had, `worst_p50` and `worst_p99` of
    the worse of the two caches, as `iot-dr rto` tells them. `limits` tell what does not compare.
    """

    p50: Compared
    p99: Compared
    last: Compared
    worst_p50: float
    worst_p99: float
    cache: str
    terms: tuple[TermBeside, ...]
    limits: tuple[str, ...]


def prediction(result: Rehearsed, settings: Settings, measured: Figures) -> Prediction:
    """Predict what was rehearsed; the last device is compared with the bound."""
    recording = result.recording
    time = recovery_time(recovery_inputs(settings, recording.devices))
    is_shared = recording.shared_resolvers > 0
    cache = time.shared_cache if is_shared else time.own_cache
    shared = f"{recording.shared_resolvers} resolvers that devices share"
    sample, by_alarm = measured.recovery, _is_by_alarm(result, measured)
    return Prediction(
        p50=Compared(sample.p50, cache.p50),
        p99=Compared(sample.p99, cache.p99),
        last=Compared(None if sample.missing else sample.last, time.bound),
        worst_p50=time.p50,
        worst_p99=time.p99,
        cache=shared if is_shared else "each device its own",
        terms=tuple(terms_beside(time, measured, by_alarm=by_alarm, is_shared=is_shared)),
        limits=(
            *_settling(result),
            *_limits(measured, by_alarm=by_alarm, is_shared=is_shared),
        ),
    )


def _is_by_alarm(result: Rehearsed, measured: Figures) -> bool:
    """Whether no check that asks an endpoint had turned unhealthy when the first one did."""
    if not measured.detection:
        return False
    until = measured.detection.at + _AT_ONCE
    seen = {id_ for at, id_, healthy in result.recording.health if 0 <= at <= until and not healthy}
    types = {result.world.checks[id_].type for id_ in seen if id_ in result.world.checks}
    return "CLOUDWATCH_METRIC" in types and not types & {"HTTPS", "TCP"}


def _settling(result: Rehearsed) -> Iterator[str]:
    if result.expectation.effect is Effect.SETTLES:
        yield (
            "The region came and went: what was measured is the first link that lasted, in whatever"
            " region, and not the recovery that is predicted."
        )


def _limits(measured: Figures, *, by_alarm: bool, is_shared: bool) -> Iterator[str]:
    if by_alarm:
        yield "An alarm detected it: what is predicted of detection is for checks that ask."
    if not measured.lost:
        yield "No device lost its link, so there is no recovery time to compare."
    elif not measured.flip:
        yield "The answer did not move, so what was measured is not the recovery that is predicted."
    elif measured.is_silent:
        yield (
            "Links died without a word: p50 and p99 are predicted for links that close, the bound"
            " alone counts hanging probes and connects."
        )
    if is_told_apart(measured, is_shared=is_shared):
        yield (
            "What resolver and back-off cost one device cannot be told apart from outside: the"
            " first device back stands for the resolver, the spread after it for the rest."
        )


def terms_beside(
    time: RecoveryTime, measured: Figures, *, by_alarm: bool, is_shared: bool
) -> Iterator[TermBeside]:
    """Pair what was measured with the terms that it is made of.

    `by_alarm` tells that an alarm detected the outage, `is_shared` that devices share resolvers.
    """
    by_name = {term.name: term for term in time.terms}
    for names, seconds, longest, how in _parts(measured, is_shared=is_shared):
        terms = [by_name[name] for name in names]
        is_known = not (by_alarm and "detection" in names)
        yield TermBeside(
            name=", ".join(term.name for term in terms if term.maximum) if is_known else names[0],
            measured=seconds,
            longest=longest,
            usual=sum(term.typical for term in terms) if is_known else None,
            latest=sum(term.maximum for term in terms) if is_known else None,
            how=how,
        )


def is_told_apart(measured: Figures, *, is_shared: bool) -> bool:
    """Whether the first device back tells what resolvers cost all of them.

    It does where all devices asked the DNS at once, each for itself.
    """
    first, flip = measured.recovery.first, measured.flip
    is_known = flip is not None and first is not None and first >= flip.at
    return is_known and not is_shared and not measured.is_silent


def _parts(measured: Figures, *, is_shared: bool) -> Iterator[_Part]:
    found = measured.detection.at if measured.detection else None
    flip = measured.flip.at if measured.flip else None
    first, p50, last = measured.recovery.first, measured.recovery.p50, measured.recovery.last
    yield ("detection", "hanging probes", "canary"), found, None, "until a check was unhealthy"
    yield ("aggregation",), _between(found, flip), None, "from there until the answer moved"
    if is_told_apart(measured, is_shared=is_shared):
        yield ("resolver",), _between(flip, first), None, "from there to the first device back"
        how = "from the first device to half of them, and to the last"
        yield _REST, _between(first, p50), _between(first, last), how
    elif measured.lost:
        how = "from there until half of the devices were back, and the last"
        yield ("resolver", *_REST), _between(flip, p50), _between(flip, last), how


def _between(begin: float | None, end: float | None) -> float | None:
    """Return the seconds from one to the other, None where they did not follow in this order."""
    return None if begin is None or end is None or end < begin else end - begin

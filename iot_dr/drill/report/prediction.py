"""What `iot-dr rto` predicts for the fleet that was rehearsed, beside what was measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from iot_dr.drill.expectation import Effect
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.term_beside import TermBeside, is_told_apart, terms_beside
from iot_dr.forecast.recovery_plan import recovery_plan
from iot_dr.forecast.recovery_time import recovery_time

_AT_ONCE: Final = 1.0
"""Seconds within which a check that depends on others follows them."""


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
    time = recovery_time(recovery_plan(settings, recording.devices))
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
    """Tell whether no check that asks an endpoint had turned unhealthy when the first one did."""
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

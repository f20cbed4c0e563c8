"""The parts of a recovery time that can be told apart from outside, beside what is predicted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from iot_dr.drill.report.figures import Figures
from iot_dr.forecast.recovery_time import RecoveryTime

_REST: Final = ("hanging connect", "back-off", "throttle", "back-off when refused")
_Part = tuple[tuple[str, ...], float | None, float | None, str]


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
            name=", ".join(term.name for term in terms if term.latest) if is_known else names[0],
            measured=seconds,
            longest=longest,
            usual=sum(term.usual for term in terms) if is_known else None,
            latest=sum(term.latest for term in terms) if is_known else None,
            how=how,
        )


def is_told_apart(measured: Figures, *, is_shared: bool) -> bool:
    """Tell whether the first device back tells what resolvers cost all of them.

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
    """Give the seconds from one to the other, None where they did not follow in this order."""
    return None if begin is None or end is None or end < begin else end - begin

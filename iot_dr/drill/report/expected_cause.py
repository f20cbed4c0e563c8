"""Whether the answer moved for the expected cause, and as soon as predicted."""

from collections.abc import Iterator
from typing import Final

from iot_dr.drill.recording import MAX_LAG
from iot_dr.drill.report.answer_cause import AnswerCause
from iot_dr.drill.report.figures import Figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.prediction import TOLERANCE, Prediction
from iot_dr.drill.report.seconds import duration
from iot_dr.forecast.failover_cause import FailoverCause

_CAUSES: Final = {
    FailoverCause.SWITCH: "the operator's switch",
    FailoverCause.WATCHER: "the watcher's switch",
    None: "an alarm, whose switch nobody had set",
}


def wrong_cause(
    result: Rehearsed, measured: Figures, predicted: Prediction, cause: AnswerCause | None
) -> Iterator[str]:
    """Yield why the answer moved for another reason than expected, or later than predicted."""
    expected, failover = result.expectation, measured.failover
    if not expected.cause or not failover or measured.was_elsewhere:
        return
    moved = f"The answer moved to {failover.name} after {duration(failover.at)}"
    if cause is None:
        yield f"{moved}, but no change of a check or switch that the records depend on explains it."
        return
    wanted = (
        f"a check of {result.recording.region}"
        if expected.cause.is_check
        else _CAUSES[expected.cause]
    )
    if not _is_expected(cause, expected.cause, result.recording.region):
        yield f"{moved} because of {describe(cause)}; expected {wanted}."
        return
    took, bound = failover.at - cause.since, predicted.by_cause.bound + expected.delay
    if took > bound + MAX_LAG:
        yield (
            f"{moved}, {duration(took)} after its cause; at most {duration(bound)} is predicted for"
            f" a cause of this kind ({predicted.by_cause.cause.value})."
        )


def _is_expected(cause: AnswerCause, expected: FailoverCause, region: str) -> bool:
    if cause.kind is None or cause.kind.is_check is not expected.is_check:
        return False
    return cause.check.region == region if expected.is_check else cause.kind is expected


def describe(cause: AnswerCause) -> str:
    """Return what moved the answer, with the id of the check."""
    if cause.kind and cause.kind.is_check:
        return f"the {cause.kind.value} {cause.check.id}"
    return f"{_CAUSES[cause.kind]} ({cause.check.id})"


def deviations(predicted: Prediction) -> Iterator[str]:
    """Yield a sentence for each term that was not measured as predicted."""
    for term in predicted.terms:
        if term.deviates:
            yield (
                f"{term.name} ({term.interval}) took {duration(term.measured)}; predicted are"
                f" {duration(term.lowest)} to {duration(term.highest)}, with a tolerance of"
                f" {TOLERANCE:.0%} and {duration(MAX_LAG)}."
            )

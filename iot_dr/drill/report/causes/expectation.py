"""Causes in what moved the answer, and in whether it returned.

Each function returns None if its cause does not fit.
"""

from typing import Final

from iot_dr.drill.outages.expectation import AnswerReturn
from iot_dr.drill.report.answer_cause import answer_cause
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause
from iot_dr.drill.report.expected_cause import wrong_cause
from iot_dr.drill.report.failback import wrong_returns
from iot_dr.drill.report.prediction import prediction

_KEEP: Final = 'Let the switch\'s alarm keep its state (`treat_missing_data = "ignore"`)'

_CHANGES: Final = {
    AnswerReturn.LATCHED: f"{_KEEP}, and let the watcher set the switch of the primary.",
    AnswerReturn.OPERATOR: f"{_KEEP}, let each standby's watcher set the switch of the region"
    " before it, and let the records lead to every region.",
    AnswerReturn.WITHOUT: "Let the PRIMARY record depend on the alarms of both regions, in one"
    " calculated check whose threshold is the number of its children.",
    AnswerReturn.SWITCH: f"{_KEEP}, and let the PRIMARY record depend on it.",
    AnswerReturn.ITSELF: "Check the target of the primary's check, which must be healthy again, or"
    " set `recovery.fail_back: latched` if the answer must not return by itself.",
}


def other_cause(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer moved for another cause than expected, or too late."""
    result, measured, failover = evidence.result, evidence.measured, evidence.measured.failover
    if failover is None:
        return None
    cause = answer_cause(evidence.recording, result.world, failover)
    predicted = prediction(result, evidence.settings, measured, cause)
    reasons = tuple(wrong_cause(result, measured, predicted, cause))
    if not reasons:
        return None
    return MissedTargetCause(
        id="other-cause",
        problem=" ".join(reasons),
        change="Check which health checks and switches the records of"
        f" {result.world.device_name} depend on (`iot-dr prove`), and their `request_interval` and"
        " `failure_threshold`.",
    )


def wrong_return(evidence: Evidence) -> MissedTargetCause | None:
    """Return a diagnosis if the answer returned when it should not, or did not when it should."""
    expected = evidence.result.expectation.answer_return
    reasons = tuple(wrong_returns(evidence.result, evidence.measured, evidence.settings))
    if not reasons:
        return None
    return MissedTargetCause(
        id="wrong-return", problem=" ".join(reasons), change=_CHANGES[expected]
    )

"""Diagnosis of a missed target: the causes that fit the evidence."""

from collections.abc import Callable
from typing import Final

from iot_dr.drill.report.causes import answers, checks, devices, expectation
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause

CAUSES: Final[tuple[Callable[[Evidence], MissedTargetCause | None], ...]] = (
    checks.record_without_check,
    checks.check_disabled,
    checks.primary_unhealthy_before,
    checks.standby_unhealthy,
    checks.check_of_another_region,
    checks.outage_too_short,
    checks.check_not_heeded,
    checks.check_blind,
    answers.failover_never_came,
    answers.answer_moved,
    answers.answer_flapped,
    devices.devices_unknown,
    devices.policy_denies,
    devices.devices_refused,
    devices.name_not_served,
    devices.certificate_refused,
    answers.standby_refused_by_rate,
    answers.failover_too_late,
    answers.ttl_too_long,
    answers.backoff_too_long,
    devices.devices_late,
    devices.standby_not_serving,
    expectation.other_cause,
    expectation.wrong_return,
    devices.messages_lost,
)
"""The known causes, the most fundamental first."""

_UNKNOWN: Final = MissedTargetCause(
    id="unknown",
    problem="No known cause fits the recording.",
    change="Check the timeline and the plots for what was late or missing.",
)


def diagnose(evidence: Evidence) -> tuple[MissedTargetCause, ...]:
    """Return the diagnoses of all causes that fit, or one that says that none does."""
    if not_serving := devices.primary_not_serving(evidence):
        # The outage did not begin, so no other cause can be known.
        return (not_serving,)
    diagnoses = tuple(diagnosis for cause in CAUSES if (diagnosis := cause(evidence)))
    return diagnoses or (_UNKNOWN,)

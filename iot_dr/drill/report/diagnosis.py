"""Why an outage did not do what the design says: the causes that the evidence has."""

from collections.abc import Callable
from typing import Final

from iot_dr.drill.report.causes import answers, checks, devices
from iot_dr.drill.report.causes.evidence import Diagnosis, Evidence

CAUSES: Final[tuple[Callable[[Evidence], Diagnosis | None], ...]] = (
    checks.record_without_check,
    checks.check_disabled,
    checks.primary_unhealthy_before,
    checks.standby_unhealthy,
    checks.check_of_another_region,
    checks.outage_too_short,
    checks.check_not_heeded,
    checks.check_blind,
    answers.flip_never_came,
    answers.answer_moved,
    answers.answer_flapped,
    devices.devices_unknown,
    devices.devices_refused,
    devices.name_not_served,
    devices.certificate_refused,
    answers.standby_refused_by_rate,
    answers.flip_too_late,
    answers.ttl_too_long,
    answers.backoff_too_long,
    devices.devices_late,
    devices.messages_lost,
)
"""What is looked for, the causes that explain most first."""

_UNKNOWN: Final = Diagnosis(
    id="unknown",
    what="No cause that is looked for fits what happened.",
    change="Read the timeline and the plots: what came late, and what never came?",
)


def diagnose(evidence: Evidence) -> tuple[Diagnosis, ...]:
    """Return all causes that the evidence has, or say that it has none that is known."""
    found = tuple(each for look in CAUSES if (each := look(evidence)))
    return found or (_UNKNOWN,)

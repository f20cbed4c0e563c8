"""Report of one outage: figures, prediction, verdict, diagnosis and timeline."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from environments.settings import Settings
from iot_dr.common.assumptions import Part, used
from iot_dr.drill.recording import Recording, TimelineEvent
from iot_dr.drill.report.answer_cause import AnswerCause, answer_cause
from iot_dr.drill.report.causes import answers, checks, devices, expectation
from iot_dr.drill.report.causes.evidence import Evidence, MissedTargetCause
from iot_dr.drill.report.figures import Figures, figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.prediction import Prediction, prediction
from iot_dr.drill.report.seconds import duration
from iot_dr.drill.report.verdict import DrillJudgement, DrillVerdict, judge

# With more regions names are nested.
_PAIR: Final = 2

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


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageReport:
    """Report of one outage; `rto` is the target for 99 % of the devices, in seconds.

    `cause` is what moved the answer first, None if nothing did or it is unknown.
    """

    result: Rehearsed
    rto: int
    figures: Figures
    prediction: Prediction
    cause: AnswerCause | None
    judgement: DrillJudgement
    diagnoses: tuple[MissedTargetCause, ...]
    timeline: tuple[TimelineEvent, ...]

    @classmethod
    def of(cls, result: Rehearsed, settings: Settings) -> Self:
        """Measure, predict and judge; diagnose if the target was missed."""
        recording, world = result.recording, result.world
        measured = figures(recording, settings.failover_order[0])
        cause = answer_cause(recording, world, measured.failover) if measured.failover else None
        predicted = prediction(result, settings, measured, cause)
        judgement = judge(result, measured, settings, predicted, cause)
        is_missed = judgement.verdict is DrillVerdict.MISSED
        return cls(
            result=result,
            rto=settings.recovery.rto,
            figures=measured,
            prediction=predicted,
            cause=cause,
            judgement=judgement,
            diagnoses=diagnose(Evidence(result, measured, settings)) if is_missed else (),
            timeline=timeline(result.recording, measured),
        )

    @property
    def recording(self) -> Recording:
        """The recording of the rehearsal."""
        return self.result.recording

    @property
    def verdict(self) -> DrillVerdict:
        """Whether the outage had the expected effect."""
        return self.judgement.verdict

    @property
    def nothing(self) -> str:
        """Text instead of a time if the devices were not back."""
        return "never" if self.figures.lost and not self.recording.is_partial else ""

    @property
    def name(self) -> str:
        """The outage's name and region."""
        return f"{self.recording.outage} in {self.recording.region}"


def timeline(recording: Recording, measured: Figures) -> tuple[TimelineEvent, ...]:
    """Return the events of a recording, sorted by time.

    Events of a kind that the recording does not have are derived from the figures.
    """
    noted = {each.kind for each in recording.events}
    added = (each for each in _measured_moments(recording, measured) if each.kind not in noted)
    return tuple(sorted((*recording.events, *added), key=lambda each: each.at))


def _measured_moments(recording: Recording, measured: Figures) -> Iterator[TimelineEvent]:
    yield TimelineEvent(
        at=0.0, kind="outage", description=f"{recording.outage} in {recording.region} begins"
    )
    if recording.restored is not None:
        yield TimelineEvent(
            at=recording.restored, kind="outage", description=f"{recording.outage} is undone"
        )
    if measured.detection:
        description = f"{measured.detection.name} turns unhealthy"
        yield TimelineEvent(at=measured.detection.at, kind="detection", description=description)
    for move in measured.moves:
        yield TimelineEvent(at=move.at, kind="flip", description=f"the answer is now {move.name}")
    yield from _device_moments(measured)


def _device_moments(measured: Figures) -> Iterator[TimelineEvent]:
    recovery = measured.recovery
    if recovery.first is None or recovery.last is None:
        return
    gap = (
        f"; until then no message for {duration(measured.message_gap)}"
        if measured.message_gap
        else ""
    )
    yield TimelineEvent(
        at=recovery.first, kind="device", description=f"the first device is back{gap}"
    )
    for part, at in (("half", recovery.p50), ("99 %", recovery.p99)):
        if at is not None:
            yield TimelineEvent(
                at=at,
                kind="device",
                description=f"{part} of the {measured.lost:,} devices are back",
            )
    missing = f"; {measured.never_back:,} never were" if measured.never_back else ""
    yield TimelineEvent(
        at=recovery.last, kind="device", description=f"the last device is back{missing}"
    )


def assumed_of_aws(recordings: Iterable[Recording]) -> tuple[str, ...]:
    """Return the ids of the ledger's assumptions that rehearsals used."""
    parts: set[Part] = set()
    for recording in recordings:
        parts.add("always")
        if recording.switch_puts:
            parts.add("switch")
        if len(recording.order) > _PAIR:
            parts.add("alias")
    return used("drill", parts)


def diagnose(evidence: Evidence) -> tuple[MissedTargetCause, ...]:
    """Return the diagnoses of all causes that fit, or one that says that none does."""
    if not_serving := devices.primary_not_serving(evidence):
        # The outage did not begin, so no other cause can be known.
        return (not_serving,)
    diagnoses = tuple(diagnosis for cause in CAUSES if (diagnosis := cause(evidence)))
    return diagnoses or (_UNKNOWN,)

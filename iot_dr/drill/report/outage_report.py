"""One outage that was rehearsed: figures, prediction, verdict, diagnosis and timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from environments.settings import Settings
from iot_dr.drill.recording import Moment, Recording
from iot_dr.drill.report.causes.evidence import Diagnosis, Evidence
from iot_dr.drill.report.diagnosis import diagnose
from iot_dr.drill.report.figures import Figures, figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.prediction import Prediction, prediction
from iot_dr.drill.report.seconds import told
from iot_dr.drill.report.verdict import Judgement, Verdict, judge


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageReport:
    """All that is told of one outage; `rto` is the target in seconds, of 99 % of the devices."""

    result: Rehearsed
    rto: int
    figures: Figures
    prediction: Prediction
    judgement: Judgement
    diagnoses: tuple[Diagnosis, ...]
    timeline: tuple[Moment, ...]

    @classmethod
    def of(cls, result: Rehearsed, settings: Settings) -> Self:
        """Measure, predict and judge; look for causes where the target was missed."""
        measured = figures(result.recording)
        judgement = judge(result, measured, settings.recovery.rto)
        is_missed = judgement.verdict is Verdict.MISSED
        return cls(
            result=result,
            rto=settings.recovery.rto,
            figures=measured,
            prediction=prediction(result, settings, measured),
            judgement=judgement,
            diagnoses=diagnose(Evidence(result, measured, settings)) if is_missed else (),
            timeline=timeline(result.recording, measured),
        )

    @property
    def recording(self) -> Recording:
        """What happened."""
        return self.result.recording

    @property
    def verdict(self) -> Verdict:
        """Whether the outage did what the design says."""
        return self.judgement.verdict

    @property
    def nothing(self) -> str:
        """What is told instead of the time of devices that were not back."""
        return "never" if self.figures.lost and not self.recording.is_partial else ""

    @property
    def name(self) -> str:
        """The outage and its region."""
        return f"{self.recording.outage} in {self.recording.region}"


def timeline(recording: Recording, measured: Figures) -> tuple[Moment, ...]:
    """Return the moments of a recording and what the figures add to them, the earliest first."""
    noted = {each.kind for each in recording.moments}
    added = (each for each in _measured_moments(recording, measured) if each.kind not in noted)
    return tuple(sorted((*recording.moments, *added), key=lambda each: each.at))


def _measured_moments(recording: Recording, measured: Figures) -> Iterator[Moment]:
    yield Moment(at=0.0, kind="outage", what=f"{recording.outage} in {recording.region} begins")
    if recording.restored is not None:
        yield Moment(at=recording.restored, kind="outage", what=f"{recording.outage} is undone")
    if measured.detection:
        what = f"{measured.detection.what} turns unhealthy"
        yield Moment(at=measured.detection.at, kind="detection", what=what)
    for move in measured.moves:
        yield Moment(at=move.at, kind="flip", what=f"the answer is now {move.what}")
    yield from _device_moments(measured)


def _device_moments(measured: Figures) -> Iterator[Moment]:
    recovery = measured.recovery
    if recovery.first is None or recovery.last is None:
        return
    gap = (
        f"; until then no message for {told(measured.message_gap)}" if measured.message_gap else ""
    )
    yield Moment(at=recovery.first, kind="device", what=f"the first device is back{gap}")
    for part, at in (("half", recovery.p50), ("99 %", recovery.p99)):
        if at is not None:
            yield Moment(
                at=at, kind="device", what=f"{part} of the {measured.lost:,} devices are back"
            )
    missing = f"; {measured.never_back:,} never were" if measured.never_back else ""
    yield Moment(at=recovery.last, kind="device", what=f"the last device is back{missing}")

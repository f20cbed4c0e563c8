"""One outage that was rehearsed: figures, prediction, verdict and diagnosis."""

from dataclasses import dataclass
from typing import Self

from environments.settings import Settings
from iot_dr.drill.recording import Moment, Recording
from iot_dr.drill.report.causes.diagnosis import Diagnosis
from iot_dr.drill.report.diagnosis import diagnose
from iot_dr.drill.report.evidence import Evidence
from iot_dr.drill.report.figures import Figures, figures
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.prediction import Prediction, prediction
from iot_dr.drill.report.timeline import timeline
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

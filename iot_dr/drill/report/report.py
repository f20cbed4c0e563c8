"""The report of a drill: its text, files and exit status."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import floor
from pathlib import Path
from typing import Any, Final, Self

from environments.settings import Settings
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.recording import Recording
from iot_dr.drill.report import text as as_text
from iot_dr.drill.report.answer_cause import AnswerCause
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.drill.report.figures import Figures, ObservedChange
from iot_dr.drill.report.junit import junit_xml
from iot_dr.drill.report.outage_report import OutageReport, assumed_of_aws
from iot_dr.drill.report.outage_result import NotRehearsed, OutageResult
from iot_dr.drill.report.page.page import page
from iot_dr.drill.report.prediction import Compared, Prediction
from iot_dr.drill.report.recorded import JSON
from iot_dr.drill.report.sample import Sample
from iot_dr.drill.report.verdict import DrillVerdict

HTML: Final = "report.html"
XML: Final = "junit.xml"
"""The names of the other files of a report."""

SCHEMA_VERSION: Final = 1
"""Increases if a key changes its meaning or is removed; keys may be added at any time."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DrillReport:
    """The outages of a drill, in the order of rehearsal, and the digest of the design."""

    environment: str
    design: str
    outages: tuple[OutageReport | NotRehearsed, ...]

    @classmethod
    def of(
        cls, results: Sequence[OutageResult], settings: Settings, design: str | None = None
    ) -> Self:
        """Measure and judge the results against the environment's settings.

        `design` is the digest from before the drill, since a file that the settings name may have
        changed during it; without one it is that of now.
        """
        outages = (
            result if isinstance(result, NotRehearsed) else OutageReport.of(result, settings)
            for result in results
        )
        return cls(settings.environment, design or design_digest(settings), tuple(outages))

    @property
    def status(self) -> int:
        """Exit status: 3 if a target was missed; 1 if a rehearsal proves nothing, or none ran."""
        verdicts = {each.verdict for each in self.outages if isinstance(each, OutageReport)}
        if DrillVerdict.MISSED in verdicts:
            return ExitStatus.NOT_GOOD
        return (
            0
            if verdicts and verdicts <= {DrillVerdict.PASSED, DrillVerdict.WARN}
            else ExitStatus.FAILED
        )

    def document(self) -> dict[str, Any]:
        """Return the content of `report.json`."""
        return _document(self.environment, self.design, self.status, self.outages)

    def text(self) -> str:
        """Return the report for a terminal or a log."""
        return as_text.text(self.environment, self.outages)

    def write(self, folder: Path) -> None:
        """Write `report.json`, `report.html` and `junit.xml`, each atomically.

        Raises OSError if the folder cannot be created or written.
        """
        document = json.dumps(self.document(), indent=2, allow_nan=False) + "\n"
        files = {
            JSON: document.encode(),
            HTML: page(self.environment, self.outages).encode(),
            XML: junit_xml(self.environment, self.outages),
        }
        for name, content in files.items():
            with whole_file(folder / name) as file:
                file.write(content)


def _document(
    environment: str, design: str, status: int, outages: Sequence[OutageReport | NotRehearsed]
) -> Json:
    """Return a drill as JSON: its design and exit status, and the outages in their order.

    Times are rehearsed seconds after an outage began, rates are per rehearsed second; missing
    values are null.
    """
    written = {
        "schema_version": SCHEMA_VERSION,
        "environment": environment,
        "design": design,
        "status": status,
        "outages": [
            _not_rehearsed(outage) if isinstance(outage, NotRehearsed) else _rehearsed(outage)
            for outage in outages
        ],
        "assumed_of_aws": list(
            assumed_of_aws(each.recording for each in outages if isinstance(each, OutageReport))
        ),
    }
    return with_old_keys("drill run", written)


def _not_rehearsed(result: NotRehearsed) -> Json:
    named = {"outage": result.outage, "region": result.region, "title": result.title}
    return {**named, "verdict": "skipped", "reasons": [result.reason]}


def _rehearsed(report: OutageReport) -> Json:
    """Return a rehearsed outage with all figures."""
    recording, expected = report.recording, report.result.expectation
    return {
        "outage": recording.outage,
        "region": recording.region,
        "title": report.result.title,
        "verdict": report.verdict.value,
        "reasons": list(report.judgement.reasons),
        "expected": {
            "effect": expected.effect.value,
            "why": expected.why,
            "cause": expected.cause.value if expected.cause else None,
            "answer_return": expected.answer_return.value,
        },
        "target": report.rto,
        **_run(recording),
        "unserved": dict(recording.unserved),
        "figures": _figures(recording, report.figures),
        "cause": _cause(report.cause),
        "prediction": _prediction(report.prediction),
        "messages": asdict(recording.messages),
        "diagnosis": [asdict(each) for each in report.diagnoses],
        "timeline": [asdict(each) for each in report.timeline],
        "answers": [{"at": at, "region": region} for at, region in recording.answers],
        "health": [
            {"at": at, "check": check, "healthy": healthy}
            for at, check, healthy in recording.health
        ],
        "switch_puts": [asdict(put) for put in recording.switch_puts],
        "machine": _machine(recording),
        "assumptions": dict(recording.assumptions),
        "not_rehearsed": list(recording.unrehearsed),
    }


def _run(recording: Recording) -> Json:
    return {
        "started": recording.started,
        "restored": recording.restored,
        "ended": recording.ended,
        "partial": recording.is_partial,
        "devices": recording.devices,
        "fewer": recording.fewer,
        "speed": recording.speed,
        "seed": recording.seed,
        "ttl": recording.ttl,
        "shared_resolvers": recording.shared_resolvers,
        "failover_order": list(recording.order),
        "habits": asdict(recording.habits),
    }


def _figures(recording: Recording, measured: Figures) -> Json:
    begin = min((each.begin for each in recording.connections), default=0.0)
    return {
        "linked": measured.linked,
        "served": measured.served,
        "unconnected": measured.unconnected,
        "lost": measured.lost,
        "never_back": measured.never_back,
        "stranded": measured.stranded,
        "outlasted": measured.outlasted,
        "silent": measured.is_silent,
        "detection": _change(measured.detection),
        "flip": _change(measured.failover),
        "recovery": {**_sample(measured.recovery), "back_by_second": _by_second(measured.recovery)},
        "link_gap": _sample(measured.link_gap),
        "later_failures": [
            {
                "at": failure.at,
                "region": failure.region,
                "lost": failure.figures.lost,
                "never_back": failure.figures.never_back,
                "flip": _change(failure.figures.failover),
                "recovery": _sample(failure.figures.recovery),
            }
            for failure in measured.later
        ],
        "message_gap": measured.message_gap,
        "messages_due": measured.messages_due,
        "connects": {
            "peak_accepted": measured.peak_accepted,
            "peak_tried": measured.peak_attempts,
            "accepted": _pairs(measured.accepted),
            "tried": _pairs(measured.tried),
            "refused": dict(recording.refusals),
        },
        "fleet_by_second": {
            region: [list(each) for each in steps.each_second(begin, recording.ended)]
            for region, steps in measured.fleet.items()
        },
    }


def _sample(sample: Sample) -> Json:
    return {"p50": sample.p50, "p99": sample.p99, "first": sample.first, "last": sample.last}


def _by_second(sample: Sample) -> list[list[int]]:
    """Return [second, devices back at its end] for each second in which a device came back."""
    seconds = sorted({floor(each) for each in sample.seconds})
    return [[second, sample.count(second + 1)] for second in seconds]


def _pairs(counts: Mapping[int, int]) -> list[list[int]]:
    return [[second, counts[second]] for second in sorted(counts)]


def _change(change: ObservedChange | None) -> Json | None:
    return asdict(change) if change else None


def _cause(cause: AnswerCause | None) -> Json | None:
    if cause is None:
        return None
    kind = cause.kind.value if cause.kind else None
    return {"kind": kind, "check": cause.check.id, "at": cause.at}


def _prediction(prediction: Prediction) -> Json:
    return {
        "p50": _compared(prediction.p50),
        "p99": _compared(prediction.p99),
        "last": {"measured": prediction.last.measured, "bound": prediction.last.predicted},
        "worse_cache": {"p50": prediction.worst_p50, "p99": prediction.worst_p99},
        "dns_cache": prediction.cache,
        "cause": prediction.by_cause.cause.value,
        "answer": {"typical": prediction.by_cause.typical, "bound": prediction.by_cause.bound},
        "terms": [{**asdict(term), "deviates": term.deviates} for term in prediction.terms],
        "limits": list(prediction.limits),
    }


def _compared(compared: Compared) -> Json:
    return {**asdict(compared), "deviation_percent": compared.deviation_percent}


def _machine(recording: Recording) -> Json | None:
    machine = recording.machine
    return {**asdict(machine), "enough": machine.is_enough} if machine else None

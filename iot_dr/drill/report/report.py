"""The report of a drill: its text, files and exit status."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from environments.settings import Settings
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.report import report_json
from iot_dr.drill.report import text as as_text
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.drill.report.junit import junit_xml
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed, OutageResult
from iot_dr.drill.report.page.page import page
from iot_dr.drill.report.recorded import JSON
from iot_dr.drill.report.verdict import DrillVerdict

HTML: Final = "report.html"
XML: Final = "junit.xml"
"""The names of the other files of a report."""


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
        return report_json.document(self.environment, self.design, self.status, self.outages)

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

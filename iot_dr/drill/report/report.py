"""The report of a drill: what is printed, what is written, and the exit status."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from environments.settings import Settings
from iot_dr.common.whole_file import whole_file
from iot_dr.drill.report import report_json
from iot_dr.drill.report import text as as_text
from iot_dr.drill.report.junit import junit
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed, OutageResult
from iot_dr.drill.report.page.page import page
from iot_dr.drill.report.verdict import Verdict

JSON: Final = "report.json"
HTML: Final = "report.html"
XML: Final = "junit.xml"
"""The names of the files of a report."""

_NOTHING_SHOWN: Final = 1
_MISSED: Final = 3


@dataclass(frozen=True, slots=True)
class Report:
    """The outages of a drill, in the order in which they were rehearsed."""

    environment: str
    outages: tuple[OutageReport | NotRehearsed, ...]

    @classmethod
    def of(cls, results: Sequence[OutageResult], settings: Settings) -> Self:
        """Measure and judge what was rehearsed, by the settings that it was to prove."""
        outages = (
            each if isinstance(each, NotRehearsed) else OutageReport.of(each, settings)
            for each in results
        )
        return cls(settings.environment, tuple(outages))

    @property
    def status(self) -> int:
        """The exit status: 3 when a target was missed, 1 when an outage or all show nothing."""
        verdicts = {each.verdict for each in self.outages if isinstance(each, OutageReport)}
        if Verdict.MISSED in verdicts:
            return _MISSED
        return 0 if verdicts and verdicts <= {Verdict.PASSED, Verdict.WARN} else _NOTHING_SHOWN

    def document(self) -> dict[str, Any]:
        """Return all of it for machines: what `report.json` holds."""
        return report_json.document(self.environment, self.status, self.outages)

    def text(self) -> str:
        """Return it for a terminal or a log."""
        return as_text.text(self.environment, self.outages)

    def write(self, folder: Path) -> None:
        """Write `report.json`, `report.html` and `junit.xml`, each whole or not at all.

        Raises OSError when the folder cannot be made or written.
        """
        document = json.dumps(self.document(), indent=2, allow_nan=False) + "\n"
        made = {
            JSON: document.encode(),
            HTML: page(self.environment, self.outages).encode(),
            XML: junit(self.environment, self.outages),
        }
        for name, content in made.items():
            with whole_file(folder / name) as file:
                file.write(content)

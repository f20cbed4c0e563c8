"""Report as JUnit XML, with one test case per outage."""

from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from iot_dr.common.plain_text import plain
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.text import outage_text
from iot_dr.drill.report.verdict import DrillVerdict

_FAILED: Final = {
    DrillVerdict.MISSED: "failure",
    DrillVerdict.INVALID: "error",
    DrillVerdict.PARTIAL: "error",
}


def junit_xml(environment: str, outages: Sequence[OutageReport | NotRehearsed]) -> bytes:
    """Return JUnit XML: missed targets are failures, invalid and partial rehearsals errors."""
    cases = [_case(environment, each) for each in outages]
    kinds = [child.tag for case in cases for child in case]
    suite = ET.Element(
        "testsuite",
        name=plain(f"iot-dr drill {environment}"),
        tests=str(len(cases)),
        failures=str(kinds.count("failure")),
        errors=str(kinds.count("error")),
        skipped=str(kinds.count("skipped")),
        time=f"{sum(float(case.get('time', '0')) for case in cases):.3f}",
    )
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _case(environment: str, outage: OutageReport | NotRehearsed) -> ET.Element:
    if isinstance(outage, NotRehearsed):
        case = _named(environment, f"{outage.outage} in {outage.region}", 0.0)
        ET.SubElement(case, "skipped", message=plain(outage.reason))
        return case
    recording = outage.recording
    # Seconds of real time, which CI shows as the test's duration.
    case = _named(environment, outage.name, recording.ended / recording.speed)
    message = _lines(outage.judgement.reasons, " ")
    if tag := _FAILED.get(outage.verdict):
        failed = ET.SubElement(case, tag, message=message, type=outage.verdict.value)
        failed.text = _lines((f"{each.problem} {each.change}" for each in outage.diagnoses), "\n")
    ET.SubElement(case, "system-out").text = _lines(outage_text(outage).split("\n"), "\n")
    return case


def _named(environment: str, name: str, seconds: float) -> ET.Element:
    drill = plain(f"drill.{environment}")
    return ET.Element("testcase", classname=drill, name=plain(name), time=f"{seconds:.3f}")


def _lines(lines: Iterable[str], between: str) -> str:
    return between.join(map(plain, lines))

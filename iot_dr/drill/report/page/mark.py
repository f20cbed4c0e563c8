"""Verdicts in words and colour."""

from typing import Final

from iot_dr.common.html import Element, element
from iot_dr.drill.report.outage_report import OutageReport
from iot_dr.drill.report.outage_result import NotRehearsed
from iot_dr.drill.report.verdict import Verdict

_COLOURS: Final = {
    Verdict.PASSED: "ok",
    Verdict.WARN: "warn",
    Verdict.MISSED: "block",
    Verdict.PARTIAL: "void",
    Verdict.INVALID: "void",
}


def word(outage: OutageReport | NotRehearsed) -> str:
    """Give the verdict in a word."""
    return "not rehearsed" if isinstance(outage, NotRehearsed) else outage.verdict.value


def colour(outage: OutageReport | NotRehearsed) -> str:
    """Give the class of the verdict's colour."""
    return "void" if isinstance(outage, NotRehearsed) else _COLOURS[outage.verdict]


def mark(outage: OutageReport | NotRehearsed) -> Element:
    """Give the verdict as a small coloured word."""
    return element("span", word(outage), class_=f"mark {colour(outage)}")

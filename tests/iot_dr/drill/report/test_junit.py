"""A drill as JUnit XML."""

from xml.etree import ElementTree as ET

from hypothesis import given, settings

from iot_dr.drill.report.junit import junit_xml
from tests.iot_dr.drill.report.reports import changed, report
from tests.support.examples import examples
from tests.support.hostile_text import hostile


def suite(*, change: str | None = None) -> ET.Element:
    """Read the XML of a report back."""
    made = report() if change is None else report(*changed(lambda text: f"{text}{change}"))
    (element,) = ET.fromstring(junit_xml(made.environment, made.outages))  # noqa: S314 - our own
    return element


def test_each_outage_is_a_testcase_with_what_came_of_it() -> None:
    cases = [
        (case.get("name"), [child.tag for child in case if child.tag != "system-out"])
        for case in suite()
    ]
    assert cases == [
        ("kill in eu-west-1", []),
        ("drop in eu-west-1", []),
        ("kill in eu-west-1", ["failure"]),
        ("kill in eu-central-1", []),
        ("kill in eu-west-1", []),
        ("kill in eu-west-1", ["error"]),
        ("kill in eu-west-1", ["error"]),
        ("drop in eu-west-1", ["skipped"]),
    ]


def test_the_suite_counts_its_testcases() -> None:
    counted = {name: suite().get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "8", "failures": "1", "errors": "2", "skipped": "1"}


def test_a_failure_says_what_was_missed_and_why() -> None:
    failure = suite().find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "missed"
    assert "were not back" in (failure.get("message") or "")
    assert "iot-dr registry diff" in (failure.text or "")


def test_what_was_skipped_says_why() -> None:
    skipped = suite().find("testcase/skipped")
    assert skipped is not None
    assert "network namespace" in (skipped.get("message") or "")


def test_a_warning_is_reported_in_the_output() -> None:
    outputs = [case.findtext("system-out") or "" for case in suite()]
    assert [": warn." in each for each in outputs] == [False] * 4 + [True] + [False] * 3


def test_times_are_seconds_of_the_machine() -> None:
    assert suite()[0].get("time") == "30.000"


@settings(max_examples=examples(20))
@given(hostile)
def test_no_text_breaks_the_xml(words: str) -> None:
    element = suite(change=words)
    assert [[child.tag for child in case] for case in element] == [
        ["failure", "system-out"],
        ["skipped"],
    ]
    for node in element.iter():
        for value in (node.text or "", *node.attrib.values()):
            assert all(line.isprintable() for line in value.split("\n"))

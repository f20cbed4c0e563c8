"""The report of a drill: its status, its files, and its text."""

import json
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import settings as how
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.design_digest import design_digest
from iot_dr.drill.report.outage_result import OutageResult
from iot_dr.drill.report.report import HTML, JSON, XML, DrillReport
from tests.iot_dr.drill.report.reports import changed, report
from tests.support.drill_recordings import (
    calm,
    kill,
    never_back,
    not_rehearsed,
    partial,
    rehearsed,
    undone_at,
    unmoved,
)
from tests.support.examples import examples
from tests.support.hostile_text import hostile
from tests.support.settings import settings

WELL = rehearsed(kill(20))
CALM = rehearsed(calm(20), Effect.STAYS)
BLIND = rehearsed(unmoved(undone_at(250, 20)), Effect.BLIND)
MISSED = rehearsed(never_back(20))
PARTIAL = rehearsed(partial(20))
INVALID = rehearsed(kill(20, machine=None))
SKIPPED = not_rehearsed()


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([WELL, CALM], 0),
        ([WELL, BLIND, SKIPPED], 0),
        ([WELL, PARTIAL], 1),
        ([WELL, INVALID], 1),
        ([PARTIAL, MISSED, INVALID], 3),
        ([SKIPPED], 1),
        ([], 1),
    ],
    ids=["passed", "warned", "partial", "invalid", "missed", "skipped", "nothing"],
)
def test_the_status_shows_what_a_drill_shows(results: list[OutageResult], status: int) -> None:
    made = DrillReport.of(results, settings())
    assert made.status == status
    assert made.document()["status"] == status


def test_all_files_are_written_whole_and_nothing_is_left_next_to_them(tmp_path: Path) -> None:
    made = report()
    made.write(tmp_path / "out")
    made.write(tmp_path / "out")
    files = sorted(each.name for each in (tmp_path / "out").iterdir())
    assert files == sorted([JSON, HTML, XML])
    assert json.loads((tmp_path / "out" / JSON).read_text()) == made.document()


def test_the_same_recordings_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        report().write(tmp_path / name)
    for name in (JSON, HTML, XML):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_document_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    document = report(WELL, MISSED, SKIPPED).document()
    # It depends on the version of this package.
    assert document.pop("design") == design_digest(settings())
    assert document == snapshot.use_extension(JSONSnapshotExtension)


def test_the_text_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    assert report().text() == snapshot


def test_each_key_of_the_document_is_explained() -> None:
    page = (Path(__file__).parents[4] / "docs" / "how-to" / "drill.md").read_text(encoding="utf-8")
    assert sorted(key for key in keys(report().document()) if f"`{key}`" not in page) == []


def keys(value: object, *, are_named: bool = True) -> set[str]:
    """Return the keys of a document, but not those that are names of things."""
    if isinstance(value, list):
        return {key for each in cast("list[object]", value) for key in keys(each)}
    if not isinstance(value, dict):
        return set()
    collected: set[str] = set()
    for key, inside in cast("dict[str, object]", value).items():
        collected |= {key} if are_named else set()
        collected |= keys(
            inside, are_named=key not in {"refused", "assumptions", "fleet_by_second"}
        )
    return collected


def test_a_value_that_there_is_none_of_is_null() -> None:
    (outage,) = report(MISSED).document()["outages"]
    assert outage["figures"]["recovery"]["p99"] is None
    assert outage["prediction"]["p99"]["deviation_percent"] is None
    assert outage["figures"]["messages_due"] is None


def test_the_document_shows_the_fleet_and_who_is_back_by_second() -> None:
    (outage,) = report(WELL).document()["outages"]
    fleet = outage["figures"]["fleet_by_second"]
    assert fleet["eu-west-1"][-1] == [0, 0]
    assert fleet["eu-central-1"][-1][1] == 20
    assert outage["figures"]["recovery"]["back_by_second"][-1][1] == 20


def test_the_diagnosis_is_reported_for_what_was_missed_alone() -> None:
    collected = [each.get("diagnosis", []) for each in report().document()["outages"]]
    assert [[each["id"] for each in some] for some in collected] == [
        *([], [], ["devices-refused"], [], [], [], [], []),
    ]


@how(max_examples=examples(12))
@given(hostile)
def test_text_from_elsewhere_does_nothing_to_a_terminal(words: str) -> None:
    made = DrillReport.of(changed(lambda text: text + words), settings())
    assert all(line.isprintable() for line in made.text().split("\n"))
    assert json.loads(json.dumps(made.document())) == made.document()

"""What docs/how-to/drill.md shows of a drill is what its report prints, but for the numbers."""

import re
from typing import Any, Final

import pytest

from iot_dr.drill.outages.catalogue import OUTAGES
from iot_dr.drill.outages.expectation import Effect
from iot_dr.drill.report.outage_result import Rehearsed
from iot_dr.drill.report.report import DrillReport
from tests.support.command import ROOT
from tests.support.drill_recordings import ONE, calm, kill, moved, rehearsed, silent
from tests.support.drill_worlds import world
from tests.support.runbook import commands, holds
from tests.support.settings import REGIONS, settings, with_data

PAGE: Final = "../how-to/drill.md"
OPTIONS: Final[dict[str, Any]] = {"devices": 281, "speed": 15.0}


def numberless(text: str) -> str:
    """Replace numbers, on which the width of columns and the breaks of lines depend."""
    return "\n".join(re.sub(r"\d[\d,.]*", "0", word) for word in text.split()) + "\n"


def printed(*results: Rehearsed) -> str:
    return f"{DrillReport.of(results, settings()).text()}\n"


def test_a_drill_of_every_usual_outage_is_printed_as_the_page_shows_it() -> None:
    (command,) = commands(PAGE)
    outages = (
        rehearsed(kill(**OPTIONS)),
        rehearsed(silent(**OPTIONS)),
        rehearsed(kill(**OPTIONS, outage="expired")),
        # The devices stay connected.
        rehearsed(moved(calm(**OPTIONS, region=ONE, outage="switch")), Effect.UNHURT),
    )
    holds(command, printed(*outages), numberless)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("README.md", "breaks a region in {all} ways"),
        ("docs/how-to/drill.md", "lists {all} kinds"),
        ("docs/how-to/drill.md", "{two} with two regions, {all} with three or more"),
        ("docs/how-to/drill.md", "rehearses the {two} of `dev`"),
    ],
)
def test_the_pages_say_how_many_outages_there_are(page: str, sentence: str) -> None:
    words = {15: "fifteen", 17: "seventeen"}
    pair = world(with_data(settings(regions=list(REGIONS[:2]))))
    two = sum(not each.reason_to_skip(pair, REGIONS[0]) for each in OUTAGES.values())
    text = (ROOT / page).read_text(encoding="utf-8")
    assert sentence.format(all=words[len(OUTAGES)], two=words[two]) in text


def test_a_drill_at_real_speed_is_printed_as_the_page_shows_it() -> None:
    text = (ROOT / "docs" / "how-to" / "drill.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(OUTAGE.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert [numberless(each) for each in blocks] == [
        numberless(printed(rehearsed(kill(500, speed=1.0))).partition("\n\n")[0])
    ]

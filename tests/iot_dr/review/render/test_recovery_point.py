"""The recovery point in each format."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from iot_dr.review.impact.review import Review
from iot_dr.review.render import json_document, markdown
from iot_dr.review.render.json_document import render
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.plan_manifest import Point, Points
from tests.iot_dr.review.render.formats import html_page, plain_text
from tests.iot_dr.review.render.reviews import Reads, device_change, review, stack

POINT = Point(states=2, unnoticed=600, registry=86_400, stream=86_400, restore=3_024_000)
LONGER = Point(states=2, unnoticed=600, registry=3_600, stream=172_800, restore=3_024_000)
FORMATS: dict[str, Callable[[Review], str]] = {
    "markdown": lambda each: markdown.render(each).text,
    "terminal": plain_text,
    "html": html_page,
}


def with_points(before: Point | None, after: Point | None, *, is_compared: bool = True) -> Review:
    change = Points(before=before, after=after, is_compared=is_compared)
    return replace(review(), recovery_point=change)


def in_terminal(before: Point | None, after: Point | None, *, is_compared: bool = True) -> str:
    """Return the terminal's output on one line."""
    shown = plain_text(with_points(before, after, is_compared=is_compared))
    return " ".join(shown.split())


@pytest.mark.parametrize("format_", FORMATS)
def test_changed_figures_are_shown_with_the_old_ones(format_: str) -> None:
    shown = " ".join(FORMATS[format_](with_points(POINT, LONGER)).split())
    shown = shown.replace("&gt;", ">").replace("&#39;", "'").replace("&#x27;", "'")
    assert "registry changes are replicated without a guaranteed delay" in shown
    assert "one whose event is lost is missing for up to 24 -> 1 h" in shown
    assert "are still written if it returns within 24 -> 48 h" in shown
    assert "any second of the last 35 days" in shown
    assert "of the last 2 s; if processing lags, those of up to 600 s before an" in shown


def test_an_unchanged_recovery_point_is_marked() -> None:
    shown = in_terminal(POINT, POINT)
    assert "Recovery point if a region is lost (unchanged) normally no other region" in shown
    assert "->" not in shown
    assert "(unchanged)" not in in_terminal(None, POINT, is_compared=False)


def test_there_is_no_recovery_point_without_data() -> None:
    shown = in_terminal(None, None)
    assert "Recovery point none: the settings have no data block, so the registry and" in shown
    assert "if a region is lost" not in shown


def test_added_and_removed_data_are_reported() -> None:
    assert "so far none: the settings have no data" in in_terminal(None, POINT)
    assert "are lost with their region; now if a region is lost normally" in in_terminal(
        None, POINT
    )
    assert "the settings had data so far; now none: the settings have no data" in in_terminal(
        POINT, None
    )


def test_there_is_no_section_without_settings() -> None:
    assert "Recovery point" not in plain_text(review())
    assert json.loads(json_document.render(review()))["recovery_point"] is None


def test_json_has_both_sides() -> None:
    document = json.loads(json_document.render(with_points(None, POINT)))
    assert document["recovery_point"] == {
        "is_compared": True,
        "before": None,
        "after": {
            "states": 2,
            "unnoticed": 600,
            "registry": 86_400,
            "stream": 86_400,
            "restore": 3_024_000,
        },
    }


CHANGE = Reads().change("iot-dev-orders-eu-west-1", 1, Action.CREATE, "one")
OWN = replace(stack("iot-dev-orders-eu-west-1", (CHANGE,)), is_own=True)
OURS = stack("iot-dev-iot-eu-west-1", (Reads().change("iot-dev-iot", 1, Action.CREATE, "one"),))
MARK = "own stack, not on the devices' path"


def test_an_own_stack_is_marked_in_the_table_in_its_part_and_in_json() -> None:
    shown = review(OURS, OWN)
    text = plain_text(shown)
    assert "primary, own" in text
    assert f"iot-dev-orders-eu-west-1: 1 to create; {MARK}" in text
    assert text.count(MARK) == 1
    marks = [each.get("off_device_path") for each in json.loads(render(shown))["stacks"]]
    assert marks == [None, True]


def test_an_own_stack_that_changes_what_devices_depend_on_is_not_off_their_path() -> None:
    shown = replace(review(OWN), device_changes=(device_change(CHANGE, Verdict.WARN),))
    text = plain_text(shown)
    assert "primary, own" in text
    assert MARK not in text

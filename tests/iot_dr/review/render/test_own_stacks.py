"""The mark of a project's own stacks in a review."""

import json
from dataclasses import replace

from iot_dr.review.render.json_document import render
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.change import Action
from tests.iot_dr.review.render.formats import plain_text
from tests.iot_dr.review.render.reviews import Reads, device_change, review, stack

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

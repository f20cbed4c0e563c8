"""Secrets in the texts about devices and in the addresses of instances."""

from typing import Any

import pytest

from iot_dr.review.impact.review import Review
from iot_dr.review.impact.unreviewed_changes import EarlierReview, block_unreviewed
from iot_dr.rules.rule import Verdict
from tests.iot_dr.review.fleet_plan import (
    DATABASE,
    DELEGATION,
    FLEET,
    PAGE,
    PRIMARY,
    SECONDARY,
    TCP_CHECK,
    Json,
    plan,
    reviewed,
)
from tests.iot_dr.review.render.formats import FORMATS
from tests.support.plan_parts import change, create, destroy, document, update

KEY = "key-canary-1"
SIDES = ("primary", "secondary")
NOTHING = EarlierReview(format=1, environment=None, stacks=())


def pages(plan_json: Review) -> str:
    """Return the output of all formats."""
    return "\n".join(render(plan_json) for render in FORMATS.values())


def standing(address: str, **values: Any) -> dict[str, Json]:
    return {**FLEET, address: {**FLEET[address], **values}}


def marked(plan_: Json, address: str, mask: Json) -> Json:
    (entry,) = [each for each in plan_["resource_changes"] if each["address"] == address]
    entry["change"] |= {"before_sensitive": mask, "after_sensitive": mask}
    return plan_


NS = {"name": "SEKRET.fleet.example.com.", "fqdn": "SEKRET.fleet.example.com."}
IN_SENTENCES: list[tuple[str, Json]] = [
    (
        "sekret.fleet",
        marked(
            plan({DELEGATION: None}, standing=standing(DELEGATION, **NS)),
            DELEGATION,
            {"name": True, "fqdn": True},
        ),
    ),
    (
        "sekret.example.com",
        marked(plan({PRIMARY: {"records": ["SEKRET.example.com."]}}), PRIMARY, {"records": True}),
    ),
    ("zq.io", marked(plan({SECONDARY: {"records": ["zq.io"]}}), SECONDARY, {"records": [True]})),
    ("7531", marked(plan({PRIMARY: {"ttl": 7531}}), PRIMARY, {"ttl": True})),
    (
        "zq-9x",
        marked(
            plan({TCP_CHECK: {"port": 1}}, standing=standing(TCP_CHECK, tags={"Name": "zq-9x"})),
            TCP_CHECK,
            {"tags": {"Name": True}},
        ),
    ),
    (
        "zq-9x",
        marked(
            plan({PAGE: None}, standing=standing(PAGE, alarm_name="zq-9x")),
            PAGE,
            {"alarm_name": True},
        ),
    ),
    (
        "zq-9x",
        marked(
            plan({}, replaced={DATABASE: "x"}, standing=standing(DATABASE, identifier="zq-9x")),
            DATABASE,
            {"identifier": True},
        ),
    ),
    ("zq.io", marked(plan({TCP_CHECK: {"fqdn": "zq.io"}}), TCP_CHECK, {"fqdn": True})),
]


@pytest.mark.parametrize(
    ("secret", "plan_json"),
    IN_SENTENCES,
    ids=["name", "target", "short target", "number", "tag", "alarm", "database", "checked name"],
)
def test_a_marked_value_is_in_no_text_however_short(secret: str, plan_json: Json) -> None:
    review_ = reviewed(plan_json)
    assert review_.device_changes
    assert secret not in pages(review_)
    assert "(sensitive-" not in pages(review_)


@pytest.mark.parametrize("mask", ["before_sensitive", "after_sensitive"])
def test_a_mask_on_one_side_hides_both_in_texts(mask: str) -> None:
    plan_json = plan({SECONDARY: {"ttl": 30}}, standing=standing(SECONDARY, records=["zq.io"]))
    (entry,) = [each for each in plan_json["resource_changes"] if each["address"] == SECONDARY]
    entry["change"][mask] = {"records": [True]}
    assert "zq.io" not in pages(reviewed(plan_json))


def known(*changes: Json, **parts: Any) -> Json:
    """Return a plan of changes, and of one more that marks the key."""
    mark = create("aws_x.mark", {"a": KEY}, {"a": True})
    return document({}, resource_changes=[mark, *changes], **parts)


def at(address: str, entry: Json) -> Json:
    return {**entry, "address": address}


def of(actions: list[str]) -> Json:
    plan_json = update("aws_x.y", {"a": 1}, {"a": 2})
    plan_json["change"]["actions"] = actions
    return plan_json


IN_PLACES: list[Json] = [
    known(at(f'aws_x.y["{KEY}"]', create("aws_x.y", {"a": "1"}))),
    known(at(f'module.m["{KEY}"].aws_x.y', create("aws_x.y", {"a": "1"}))),
    known({**update("aws_x.y", {}, {}), "previous_address": f'aws_x.y["{KEY}"]'}),
    known(at(f'aws_kms_key.y["{KEY}"]', destroy("aws_kms_key.y", {"a": "t"}, {}))),
    known({**destroy("aws_kms_key.y", {"a": "t"}, {}), "deposed": KEY}),
    known(output_changes={KEY: change(["update"], "1", "2", (False, False))}),
    known(resource_drift=[at(f'aws_x.y["{KEY}"]', update("aws_x.y", {"a": 1}, {"a": 2}))]),
    known(at(f'aws_x.y["{KEY}"]', of(["archive"]))),
    known(checks=[{"address": {"to_display": f'aws_x.y["{KEY}"]'}, "status": "fail"}]),
    known(action_invocations=[{"address": f'action.aws_x.y["{KEY}"]'}]),
]


@pytest.mark.parametrize("plan_json", IN_PLACES)
def test_a_known_secret_is_in_no_address(plan_json: Json) -> None:
    review_ = block_unreviewed(reviewed(plan_json), NOTHING)
    assert KEY not in pages(review_)
    assert "(sensitive)" in pages(review_)


def test_an_instance_with_a_secret_key_is_assessed() -> None:
    changes = plan({PRIMARY: None, SECONDARY: None})
    entries = changes["resource_changes"]
    for entry in entries:
        if entry["address"] in {PRIMARY, SECONDARY}:
            entry["address"] = f'aws_route53_record.side["{KEY}-{entry["name"]}"]'
    marks = [create(f"aws_x.{each}", {"a": f"{KEY}-{each}"}, {"a": True}) for each in SIDES]
    review_ = reviewed({**changes, "resource_changes": [*entries, *marks]})
    assert review_.verdict is Verdict.BLOCK
    assert KEY not in pages(review_)
    addresses = [each.change.address for each in review_.device_changes]
    assert len(set(addresses)) == len(addresses) == 2

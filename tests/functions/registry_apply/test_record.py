"""Which records of the stream are news."""

from dataclasses import replace

import pytest

from functions.registry.entity import EntityError
from functions.registry.row import DeadLetter, Pending, Row
from functions.registry.table import BRAKE_KEY
from functions.registry_apply.consumer import changed_elsewhere
from tests.functions.registry.regions import THING
from tests.functions.registry.rows import CENTRAL, WEST, row, stamp
from tests.functions.registry.stream import record

THERE = row(THING, CENTRAL, {"a": 1}, "20@eu-central-1")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (THERE, None),
        (THERE, row(THING, CENTRAL, {"a": 1}, "10@eu-central-1")),
        (replace(THERE, seen={**THERE.seen, WEST: stamp("5@eu-west-1")}), THERE),
        (row(THING, CENTRAL, None, "30@eu-central-1"), THERE),
    ],
    ids=["new", "stamp", "seen", "deleted"],
)
def test_what_another_region_holds_or_has_seen_is_news(new: Row, old: Row | None) -> None:
    assert changed_elsewhere(record(new, old), WEST) == THING


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (row(THING, WEST, {"a": 1}, "20@eu-west-1"), None),
        (None, THERE),
        (replace(THERE, revision=2, pending=Pending(hash="h", at=1, by="m")), THERE),
        (replace(THERE, revision=2, dead_letter=DeadLetter(reason="r", at=1, attempts=1)), THERE),
        (Row.blank(THING, CENTRAL), None),
    ],
    ids=["own", "expired", "pending", "dead-lettered", "blank"],
)
def test_the_rest_is_not(new: Row | None, old: Row | None) -> None:
    assert changed_elsewhere(record(new, old), WEST) is None


@pytest.mark.parametrize("old", [{}, {"OldImage": {"deletions": {"N": "1"}}}])
def test_the_item_of_another_region_s_brake_is_ignored(old: dict[str, object]) -> None:
    keys = {"entity": {"S": BRAKE_KEY}, "region": {"S": CENTRAL}}
    item = {"Keys": keys, "NewImage": {**keys, "deletions": {"N": "2"}}, **old}
    assert changed_elsewhere({"eventName": "MODIFY", "dynamodb": item}, WEST) is None


@pytest.mark.parametrize("key", [{"S": "nothing"}, {"N": "1"}, {"S": 1}, {}, None])
def test_a_record_whose_key_names_no_entity_is_refused(key: object) -> None:
    bad = record(THERE)
    bad["dynamodb"]["Keys"]["entity"] = key
    with pytest.raises((EntityError, KeyError, TypeError)):
        changed_elsewhere(bad, WEST)

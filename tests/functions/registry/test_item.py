"""Rows as items of DynamoDB."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.item import RowError, from_item, to_item
from functions.registry.row import TOMBSTONE_LIFETIME, DeadLetter, Lost, Pending, Row
from tests.functions.registry.regions import THING
from tests.functions.registry.rows import CENTRAL, WEST, row, stamp

STATE = {"attributes": {"a": "ä"}}
FULL = row(
    THING, WEST, STATE, "20@eu-west-1", "10@eu-central-1",
    basis={CENTRAL: stamp("10@eu-central-1")},
    pending=Pending(hash="h", at=1, by="m"),
    left="l",
    dead_letter=DeadLetter(reason="r", at=2, attempts=3),
    lost=Lost(state={"b": 1}, stamp=stamp("5@eu-west-1")),
)  # fmt: skip


@given(st.none() | st.dictionaries(st.text(), st.text() | st.integers()))
def test_a_row_comes_back_as_it_was(state: dict[str, Any] | None) -> None:
    full = row(THING, WEST, state, "20@eu-west-1", lost=Lost(state=state, stamp=FULL.stamp))
    assert from_item(to_item(full)) == full


def test_all_of_a_row_comes_back() -> None:
    assert from_item(to_item(FULL)) == FULL
    blank = Row.blank(THING, WEST)
    assert from_item(to_item(blank)) == blank


def test_the_row_of_an_entity_that_nobody_has_goes_by_its_stamp_the_same_in_every_region() -> None:
    gone = row(THING, WEST, None, f"{TOMBSTONE_LIFETIME}@eu-west-1", held_at=1, expires=True)
    assert from_item(to_item(gone)) == gone
    assert to_item(gone)["expires"] == {"N": str(2 * TOMBSTONE_LIFETIME // 1000)}
    assert not gone.is_expired(2 * TOMBSTONE_LIFETIME)
    assert gone.is_expired(2 * TOMBSTONE_LIFETIME + 1)
    assert "expires" not in to_item(row(THING, WEST, None, f"{TOMBSTONE_LIFETIME}@eu-west-1"))
    assert "expires" not in to_item(FULL)
    assert "expires" not in to_item(Row.blank(THING, WEST))


BAD: dict[str, Any] = {
    "entity": [{"S": "nothing"}, {"N": "1"}, None, {}],
    "region": [None, {"N": "1"}],
    "state": [{"S": "{"}, {"S": "[]"}, {"S": '{"other":1}'}, {"M": {}}],
    "hash": [None, {"S": "another"}],
    "stamp": [None, {"S": "20"}, {"S": str(stamp("30@eu-west-1"))}],
    "seen": [None, {"M": {"eu-west-1": {"S": "x"}}}, {"S": "x"},
             {"M": {"eu-north-1": {"S": str(FULL.stamp)}}}],
    "basis": [None, {"M": {"eu-west-1": {}}}],
    "held_at": [None, {"N": "-1"}, {"N": "1.5"}, {"S": "1"}, {"N": "²"}],
    "revision": [None, {"N": ""}],
    "pending": [{"M": {}}, {"S": "x"}],
    "left": [{"N": "1"}],
    "parked": [{"M": {"reason": {"S": "r"}}}],
    "lost": [{"M": {}}, {"M": {"stamp": {"S": "x"}}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number"), [(n, i) for n, bad in BAD.items() for i in range(len(bad))]
)
def test_an_item_that_is_not_a_row_is_refused_with_its_key(name: str, number: int) -> None:
    item, value = to_item(FULL), BAD[name][number]
    item.pop(name)
    if value is not None:
        item[name] = value
    with pytest.raises(RowError) as refusal:
        from_item(item)
    assert (WEST if name == "entity" else "thing/sensor-1") in str(refusal.value)

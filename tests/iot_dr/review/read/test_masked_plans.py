"""Random plans with random masks."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.iot_dr.review.fleet_plan import planned
from tests.iot_dr.review.read_one import read_one
from tests.support.plan_parts import Json, change, document, entry

SECRET, PLAIN = "~", "plain"
"""The prefixes of marked and unmarked texts."""

KEYS = st.sampled_from(["a", "b", "c.d", "tags", "é"])
NUMBERS = st.integers(0, 10**6)
# Too short to be searched for: only the masks hide it.
SHORT = st.integers(0, 999).map(str)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.builds("leaf-{}".format, NUMBERS), SHORT)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)
OBJECTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


def marked(draw: st.DrawFn, value: Any, *, is_hidden: bool = False) -> tuple[Any, Any]:
    """Return a mask, and the value with each text named after whether the mask marks it."""
    is_marked = is_hidden or draw(st.integers(0, 3)) == 0
    if isinstance(value, dict):
        pairs: dict[str, tuple[Any, Any]] = {
            key: marked(draw, member, is_hidden=is_marked)  # pyrefly: ignore[unknown-argument-type] - JSON
            for key, member in value.items()  # pyrefly: ignore[unknown-variable-type] - JSON
        }
        masks = {key: mask for key, (_, mask) in pairs.items() if mask}
        values: Any = {key: each for key, (each, _) in pairs.items()}
        return values, is_marked or masks
    if isinstance(value, list):
        items = [marked(draw, each, is_hidden=is_marked) for each in value]  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
        return [each for each, _ in items], is_marked or [mask for _, mask in items]
    if isinstance(value, str):
        return f"{SECRET if is_marked else PLAIN}{value}", is_marked
    return value, is_marked


@st.composite
def plans(draw: st.DrawFn) -> Json:
    """Draw a plan of one resource and one output."""
    sides = [marked(draw, draw(st.none() | OBJECTS)) for _ in range(2)]
    before, after = (value for value, _ in sides)
    masks = sides[0][1], sides[1][1]
    actions = draw(st.sampled_from([["update"], ["delete", "create"], ["create"], ["delete"]]))
    fields = {**change(actions, before, after, masks), "replace_paths": [["a"], ["tags", 0]]}
    if draw(st.booleans()):
        fields["after_unknown"] = {"b": True, "tags": [True]}
    output = {
        **fields,
        "replace_paths": None,
        "before_sensitive": masks[0],
        "after_sensitive": masks[1],
    }
    entries = [{**entry("aws_x.y"), "change": fields}]
    return document(resource_changes=entries, resource_drift=entries, output_changes={"o": output})


@given(plans())
def test_no_marked_text_is_ever_shown(plan: Json) -> None:
    fields = read_one(planned("x", plan)).review
    diffs = [each.diffs for each in (*fields.changes, *fields.drift)]
    assert SECRET not in repr((fields, diffs))


@given(OBJECTS, OBJECTS)
@example({"b": [{}]}, {"b": [{"a": None}]})
@example({"b": [{"a": {}}, None]}, {"b": [{"a": {"a": None}}]})
def test_every_difference_is_shown_exactly_once(before: Any, after: Any) -> None:
    entries = [{**entry("aws_x.y"), "change": change(["update"], before, after, ({}, {}))}]
    plan = document(resource_changes=entries)
    diffs = [
        diff
        for stack_change in read_one(planned("x", plan)).review.changes
        for diff in stack_change.diffs
    ]
    paths = {each.path for each in diffs}
    shown_at_the_top = {path.split(".")[0].split("[")[0] for path in paths if path[:1] != "["}
    for key in ("a", "b", "tags"):
        old, new = (side.get(key) for side in (before, after))
        assert (key in shown_at_the_top) == (normal(old) != normal(new)), key
    assert all(each.before != each.after or each.lines for each in diffs)


def normal(value: Any) -> str:
    """Return a value without nulls, which are equal to absent values."""
    return json.dumps(_pruned(value), sort_keys=True)


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(each) for key, each in value.items() if each is not None}  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    return [_pruned(each) for each in value] if isinstance(value, list) else value  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON

"""What changed outside Terraform, and what AWS or the configuration leaves to others."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_changes import HiddenAddresses
from iot_dr.review.read.stack_reader import drifted
from iot_dr.rules.device_path_differs import RULE
from iot_dr.terraform_json.plan.masks import Masking
from iot_dr.terraform_json.plan.reader import Plan, read_plan
from iot_dr.terraform_json.resource_set import ResourceSet
from iot_dr.terraform_json.strict_json import members
from tests.iot_dr.review.fleet_plan import planned
from tests.iot_dr.review.read_one import read_one
from tests.support.plan_parts import Json, change, create, document, entry, update

EVENTS = "aws_iot_event_configurations.registry"
OWN: Json = {"event_configurations": {"THING": True}, "id": "registry", "region": None}


def plan(masking: Masking | None = None, **parts: Any) -> Plan:
    return read_plan(members(json.dumps(document(**parts)).encode(), "the plan"), masking)


def drift(now: Json, planned: Json, actions: str = "no-op") -> list[str]:
    """Return the drift of the event configurations, of which the configuration has one key."""
    block = {"event_configurations": {"constant_value": OWN["event_configurations"]}}
    configuration = {"root_module": {"resources": [{**entry(EVENTS), "expressions": block}]}}
    changed = {**entry(EVENTS), "change": change([actions], now, planned, (False, False))}
    read = plan(
        configuration=configuration,
        resource_drift=[update(EVENTS, OWN, now)],
        resource_changes=[changed],
    )
    return [resource.address for resource in drifted(read)]


FILLED: Json = {**OWN, "event_configurations": {"THING": True, "JOB": False}}
TURNED_OFF: Json = {**OWN, "event_configurations": {"THING": False}}


@pytest.mark.parametrize(
    "now", [FILLED, {**FILLED, "event_configurations": {"THING": True, "JOB": True}}]
)
def test_what_the_configuration_ignores_is_not_drift(now: Json) -> None:
    assert drift(now, now) == []


def test_what_aws_fills_in_is_not_drift() -> None:
    now = {**OWN, "region": "eu-west-1"}
    assert drift(now, now) == []


def test_what_the_plan_changes_back_is_drift() -> None:
    assert drift(TURNED_OFF, OWN, "update") == [EVENTS]


def test_another_value_of_what_nobody_configures_is_drift() -> None:
    now = {**OWN, "id": "another"}
    assert drift(now, now) == [EVENTS]


@pytest.mark.parametrize(("masking", "findings"), [(Masking(), 1), (Secrets(), 0)])
def test_a_value_that_a_review_hides_is_not_compared_between_regions(
    masking: Masking, findings: int
) -> None:
    rules = {
        f"aws_iot_topic_rule.{region}": {"name": "capture", "region": region, "sql": sql}
        for region, sql in (("eu-west-1", "SELECT 'one'"), ("eu-central-1", "SELECT 'other'"))
    }
    blocks = [
        {**entry(address), "expressions": {"sql": {}, "name": {"constant_value": "capture"}}}
        for address in rules
    ]
    read = plan(
        masking,
        configuration={"root_module": {"resources": blocks}},
        resource_changes=[
            create(address, values, {"sql": True}) for address, values in rules.items()
        ],
    )
    assert len(list(RULE.find(ResourceSet([read.resources("rules")]), None))) == findings


def test_addresses_that_differ_only_in_secrets_stay_distinct() -> None:
    secrets = Secrets()
    secrets.add(["hunter-1", "hunter-2", "hunter-3"])
    addresses = HiddenAddresses(secrets)
    raw = [f'aws_x.y["hunter-{number}"]' for number in (1, 2, 3, 1)]
    assert [addresses.hidden(each) for each in raw] == [
        'aws_x.y["(sensitive)"]',
        'aws_x.y["(sensitive 2)"]',
        'aws_x.y["(sensitive 3)"]',
        'aws_x.y["(sensitive)"]',
    ]
    assert addresses.hidden('aws_x.y["hunter"]') == 'aws_x.y["hunter"]'


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

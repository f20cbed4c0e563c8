"""Static thing groups, with parents and policies."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity, Kind
from tests.functions.registry.access.here import Here
from tests.support.examples import examples

GROUP = Entity.parse("thing-group/plant-1")
_POLICY = '{"Version":"2012-10-17","Statement":[]}'
_NAMES = st.text("abcXYZ019_.,@/:#-", min_size=1, max_size=8)


def _state(**changes: Any) -> dict[str, Any]:
    state: dict[str, Any] = {
        "parent": None, "description": "The plant", "attributes": {"city": "Ulm"}, "policies": [],
    }  # fmt: skip
    return state | changes


def _dynamic(here: Here, name: str) -> None:
    """Make a group look dynamic, as moto has none of that kind."""
    here.iot.create_thing_group(thingGroupName=name)

    def described(given: Mapping[str, Any]) -> Mapping[str, Any]:
        query = {"queryString": "attributes.city:Ulm"} if given["thingGroupName"] == name else {}
        arn = f"arn:aws:iot:{here.region}:123456789012:thinggroup/{given['thingGroupName']}"
        return {"thingGroupArn": arn, "version": 1, **query}

    here.answers["DescribeThingGroup"] = described


def test_a_group_below_another_goes_over_with_its_policies(here: Here, there: Here) -> None:
    state = _state(parent="plants", policies=["read", "write"])
    for region in (there, here):
        region.access.write(Entity.parse("thing-group/plants"), _state())
        for policy in ("read", "write"):
            region.iot.create_policy(policyName=policy, policyDocument=_POLICY)
    there.access.write(GROUP, state)
    here.access.write(GROUP, there.access.read(GROUP))
    assert here.access.read(GROUP) == state


def test_a_second_write_changes_nothing(here: Here) -> None:
    here.iot.create_policy(policyName="read", policyDocument=_POLICY)
    here.access.write(GROUP, _state(policies=["read"]))
    here.forget()
    here.access.write(GROUP, _state(policies=["read"]))
    assert here.changes == []


# At least one, as moto does not let the last attribute go.
@given(
    attributes=st.dictionaries(_NAMES, _NAMES, min_size=1, max_size=5),
    description=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20),
)
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_description_and_attributes_become_those_of_the_other_region(
    here: Here, attributes: dict[str, str], description: str
) -> None:
    state = _state(attributes=attributes, description=description)
    here.access.write(GROUP, state)
    assert here.access.read(GROUP) == state


def test_the_last_attribute_goes_too(here: Here) -> None:
    here.access.write(GROUP, _state())
    here.forget()
    here.access.write(GROUP, _state(attributes={}))
    payload = here.given[-2]["thingGroupProperties"]["attributePayload"]
    assert (here.calls[-2], payload) == ("UpdateThingGroup", {"attributes": {}, "merge": False})


def test_policies_that_are_not_wanted_are_detached(here: Here) -> None:
    for policy in ("read", "write"):
        here.iot.create_policy(policyName=policy, policyDocument=_POLICY)
    here.access.write(GROUP, _state(policies=["read"]))
    here.access.write(GROUP, _state(policies=["write"]))
    assert here.access.read(GROUP) == _state(policies=["write"])


def test_a_policy_that_is_not_there_yet_is_waited_for_and_the_others_are_attached(
    here: Here,
) -> None:
    here.iot.create_policy(policyName="write", policyDocument=_POLICY)
    with pytest.raises(RetryableError) as refusal:
        here.access.write(GROUP, _state(policies=["other", "read", "write"]))
    assert str(refusal.value) == (
        "thing-group/plant-1: not there yet: policy other, policy read"
    )  # fmt: skip
    assert here.access.read(GROUP) == _state(policies=["write"])


def test_a_parent_that_is_not_there_yet_is_waited_for(here: Here) -> None:
    with pytest.raises(
        RetryableError, match="thing-group/plant-1: not there yet: thing group plants"
    ):
        here.access.write(GROUP, _state(parent="plants"))
    assert here.access.read(GROUP) is None


def test_a_group_never_moves_below_another_parent(here: Here) -> None:
    here.access.write(GROUP, _state())
    here.access.write(Entity.parse("thing-group/plants"), _state())
    here.forget()
    with pytest.raises(PermanentError, match=r"its parent is None here and plants there"):
        here.access.write(GROUP, _state(parent="plants"))
    assert here.changes == []


def test_a_group_is_deleted_with_its_attachments(here: Here) -> None:
    here.iot.create_policy(policyName="read", policyDocument=_POLICY)
    here.access.write(GROUP, _state(policies=["read"]))
    here.access.write(GROUP, None)
    assert here.access.read(GROUP) is None
    assert here.iot.list_targets_for_policy(policyName="read")["targets"] == []


def test_a_group_that_a_thing_is_in_gives_no_right_and_is_deleted_later(here: Here) -> None:
    here.iot.create_policy(policyName="read", policyDocument=_POLICY)
    here.access.write(GROUP, _state(policies=["read"]))
    for name in ("sensor-1", "sensor-2"):
        here.iot.create_thing(thingName=name)
        here.iot.add_thing_to_thing_group(thingName=name, thingGroupName="plant-1")
    with pytest.raises(
        RetryableError, match="still the group of thing sensor-1, which has to change"
    ):
        here.access.write(GROUP, None)
    assert here.access.read(GROUP) == _state(policies=[])
    for name in ("sensor-1", "sensor-2"):
        here.iot.remove_thing_from_thing_group(thingName=name, thingGroupName="plant-1")
    here.access.write(GROUP, None)
    assert here.access.read(GROUP) is None


def test_a_group_waits_for_the_deletion_of_those_below_it(here: Here) -> None:
    here.access.write(Entity.parse("thing-group/plants"), _state())
    here.access.write(GROUP, _state(parent="plants"))
    with pytest.raises(RetryableError, match=r"^thing-group/plants: groups are still below it$"):
        here.access.write(Entity.parse("thing-group/plants"), None)


def test_a_group_that_changes_at_the_same_time_is_tried_again(here: Here) -> None:
    here.access.write(GROUP, _state())
    version = here.iot.describe_thing_group(thingGroupName="plant-1")["version"]

    def older(_given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"version": version + 1, "thingGroupArn": "arn"}

    here.answers["DescribeThingGroup"] = older
    with pytest.raises(RetryableError, match="VersionConflictException"):
        here.access.write(GROUP, _state(description="Another"))


def test_a_dynamic_group_is_neither_read_nor_listed_nor_written(here: Here) -> None:
    here.iot.create_thing_group(thingGroupName="static")
    _dynamic(here, "plant-1")
    here.forget()
    assert here.access.read(GROUP) is None
    (page,) = here.access.entities(Kind.THING_GROUP)
    assert [entity.name for entity in page.entities] == ["static"]
    here.access.write(GROUP, None)
    with pytest.raises(PermanentError, match="a dynamic group has this name here"):
        here.access.write(GROUP, _state())
    assert here.changes == []


def test_each_group_is_described_once_to_recognize_the_dynamic_ones(here: Here) -> None:
    for name in ("a", "b"):
        here.iot.create_thing_group(thingGroupName=name)
    here.forget()
    for _ in range(2):
        list(here.access.entities(Kind.THING_GROUP))
    assert here.calls.count("DescribeThingGroup") == 2

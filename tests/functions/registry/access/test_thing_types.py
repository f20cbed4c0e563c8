"""Thing types: made, changed, deprecated, and deleted in two steps."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity
from tests.functions.registry.access.here import AwsError, Here

TYPE = Entity.parse("thing-type/lamp")


def _state(**changes: Any) -> dict[str, Any]:
    return {"description": "A lamp", "searchable": ["model", "watt"], "deprecated": False} | changes


@pytest.mark.parametrize(
    "state",
    [_state(), _state(deprecated=True), _state(description="", searchable=[])],
    ids=["in use", "deprecated", "bare"],
)
def test_a_type_is_made_as_it_is_elsewhere(here: Here, there: Here, state: dict[str, Any]) -> None:
    there.access.write(TYPE, state)
    here.access.write(TYPE, there.access.read(TYPE))
    assert here.access.read(TYPE) == state


def test_a_type_that_is_not_there_is_none_and_its_deletion_no_call(here: Here) -> None:
    assert here.access.read(TYPE) is None
    here.access.write(TYPE, None)
    assert here.changes == []


@pytest.mark.parametrize("deprecated", [True, False])
def test_a_second_write_changes_nothing(here: Here, *, deprecated: bool) -> None:
    here.access.write(TYPE, _state(deprecated=deprecated))
    here.forget()
    here.access.write(TYPE, _state(deprecated=deprecated, searchable=["watt", "model"]))
    assert here.changes == []


def test_a_deprecation_goes_over_and_back(here: Here) -> None:
    here.access.write(TYPE, _state())
    for deprecated in (True, False):
        here.access.write(TYPE, _state(deprecated=deprecated))
        assert here.access.read(TYPE) == _state(deprecated=deprecated)


def test_other_properties_are_updated_and_the_mqtt_5_ones_stay(here: Here) -> None:
    # moto has no UpdateThingType, and keeps what it is given at the creation as it is.
    mqtt5 = {"propagatingAttributes": [{"userPropertyKey": "model", "thingAttribute": "model"}]}
    given = {"thingTypeDescription": "Old", "mqtt5Configuration": mqtt5}
    here.iot.create_thing_type(thingTypeName="lamp", thingTypeProperties=given)
    updated: list[Mapping[str, Any]] = []

    def update(given: Mapping[str, Any]) -> Mapping[str, Any]:
        updated.append(given)
        return {}

    here.answers["UpdateThingType"] = update
    here.access.write(TYPE, _state())
    assert updated == [
        {
            "thingTypeName": "lamp",
            "thingTypeProperties": {
                "mqtt5Configuration": mqtt5,
                "thingTypeDescription": "A lamp",
                "searchableAttributes": ["model", "watt"],
            },
        }
    ]


def test_where_aws_keeps_types_as_they_are_a_change_can_never_work(here: Here) -> None:
    here.access.write(TYPE, _state(description="Old"))
    here.refuse("UpdateThingType", "InvalidRequestException", message="types are immutable")
    with pytest.raises(PermanentError, match=r"^thing-type/lamp: .*types are immutable"):
        here.access.write(TYPE, _state())


def test_a_type_is_deprecated_first_and_deleted_later(here: Here) -> None:
    here.access.write(TYPE, _state())
    here.forget()
    with pytest.raises(RetryableError, match=r"^thing-type/lamp: .*five minutes"):
        here.access.write(TYPE, None)
    assert here.changes == ["DeprecateThingType"]
    here.access.write(TYPE, None)
    assert here.access.read(TYPE) is None


def test_within_five_minutes_after_that_it_waits(here: Here) -> None:
    # moto deletes at once.
    here.access.write(TYPE, _state(deprecated=True))
    here.refuse("DeleteThingType", "InvalidRequestException")
    with pytest.raises(
        RetryableError, match=r"five minutes after its deprecation, and without things"
    ):
        here.access.write(TYPE, None)


@pytest.mark.parametrize(
    "state", [{}, _state(searchable="model"), _state(searchable=[1]), _state(deprecated=1)]
)
def test_a_state_of_another_form_never_works_and_nothing_is_called(
    here: Here, state: dict[str, Any]
) -> None:
    with pytest.raises(PermanentError, match=r"^thing-type/lamp: "):
        here.access.write(TYPE, state)
    assert here.changes == []


def test_a_type_that_somebody_makes_at_the_same_time_is_tried_again(here: Here) -> None:
    def taken(_given: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AwsError("ResourceAlreadyExistsException", 409)

    here.answers["CreateThingType"] = taken
    with pytest.raises(RetryableError):
        here.access.write(TYPE, _state())

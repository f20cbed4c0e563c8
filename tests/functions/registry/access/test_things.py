"""Things with type, attributes, groups and certificates."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.registry.access import PermanentError, RetryableError
from functions.registry.entity import Entity
from tests.functions.registry.access.here import Here
from tests.support.examples import examples

THING = Entity.parse("thing/sensor-1")
COGNITO = "eu-west-1:0e0b4b7e-77b4-4d3f-8a6b-9e6f0f7f2b11"
_NAMES = st.text("abcXYZ019_.,@/:#-", min_size=1, max_size=8)


def _state(**changes: Any) -> dict[str, Any]:
    state: dict[str, Any] = {"type": None, "attributes": {}, "groups": [], "principals": []}
    return state | changes


def _certificate(here: Here, text: str) -> str:
    """Register a certificate and give its id."""
    pem = text[text.index("-----BEGIN CERTIFICATE") :]
    answer = here.iot.register_certificate_without_ca(certificatePem=pem, status="ACTIVE")
    return answer["certificateId"]


def _arn(here: Here, certificate: str) -> str:
    return f"arn:aws:iot:{here.region}:123456789012:cert/{certificate}"


def _types(here: Here) -> dict[str, str]:
    """Return the types of attachment of the thing's principals."""
    answer = here.iot.list_thing_principals_v2(thingName="sensor-1")
    return {
        each["principal"]: each["thingPrincipalType"] for each in answer["thingPrincipalObjects"]
    }


@pytest.fixture
def certificate(here: Here, issue: Callable[[str], str]) -> str:
    return _certificate(here, issue("device-1"))


@pytest.fixture
def full(here: Here, certificate: str) -> dict[str, Any]:
    """A state that needs much, all of which is there."""
    for thing_type in ("lamp", "sensor"):
        here.iot.create_thing_type(thingTypeName=thing_type)
    for group in ("plant-1", "plant-2", "plant-3"):
        here.iot.create_thing_group(thingGroupName=group)
    here.forget()
    return _state(
        type="lamp",
        attributes={"city": "Ulm", "hall": "3"},
        groups=["plant-1", "plant-2"],
        principals=[certificate],
    )


def test_a_thing_goes_over_with_all_that_it_has(
    here: Here, there: Here, full: dict[str, Any], issue: Callable[[str], str]
) -> None:
    here.access.write(THING, full)
    there.iot.create_thing_type(thingTypeName="lamp")
    for group in ("plant-1", "plant-2"):
        there.iot.create_thing_group(thingGroupName=group)
    _certificate(there, issue("device-1"))
    there.access.write(THING, here.access.read(THING))
    assert there.access.read(THING) == full


def test_a_second_write_changes_nothing(here: Here, full: dict[str, Any]) -> None:
    here.access.write(THING, full)
    here.forget()
    here.access.write(THING, full)
    assert here.changes == []


@pytest.mark.parametrize(
    "change",
    [
        {"type": "sensor"},
        {"type": None},
        {"attributes": {"city": "Bonn"}},
        {"attributes": {}},
        {"groups": ["plant-3"]},
        {"groups": []},
        {"principals": []},
    ],
)
def test_each_part_becomes_what_it_is_elsewhere(
    here: Here, full: dict[str, Any], change: dict[str, Any]
) -> None:
    here.access.write(THING, full)
    here.access.write(THING, full | change)
    assert here.access.read(THING) == full | change
    here.access.write(THING, full)
    assert here.access.read(THING) == full


@given(attributes=st.dictionaries(_NAMES, _NAMES, max_size=5))
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_attributes_are_read_as_they_were_written(here: Here, attributes: dict[str, str]) -> None:
    here.access.write(THING, _state(attributes=attributes))
    assert here.access.read(THING) == _state(attributes=attributes)


def test_an_update_names_the_version_that_was_read(here: Here) -> None:
    # moto does not look at it.
    here.access.write(THING, _state())
    version = here.iot.describe_thing(thingName="sensor-1")["version"]
    here.access.write(THING, _state(attributes={"city": "Ulm"}))
    (update,) = [given for given in here.given if "expectedVersion" in given]
    assert update["expectedVersion"] == version
    here.refuse("UpdateThing", "VersionConflictException", status=409)
    with pytest.raises(RetryableError, match="VersionConflictException"):
        here.access.write(THING, _state())


def test_a_type_that_is_not_there_yet_is_waited_for(here: Here) -> None:
    with pytest.raises(RetryableError, match=r"^thing/sensor-1: not there yet: thing type lamp$"):
        here.access.write(THING, _state(type="lamp"))
    here.access.write(THING, _state())
    with pytest.raises(RetryableError, match="not there yet: thing type lamp"):
        here.access.write(THING, _state(type="lamp"))


def test_a_deprecated_type_is_waited_for_and_named(here: Here) -> None:
    here.iot.create_thing_type(thingTypeName="lamp")
    here.iot.deprecate_thing_type(thingTypeName="lamp")
    with pytest.raises(RetryableError, match="its type lamp is deprecated"):
        here.access.write(THING, _state(type="lamp"))


def test_attributes_of_a_thing_whose_type_was_deprecated_still_change(here: Here) -> None:
    here.iot.create_thing_type(thingTypeName="lamp")
    here.access.write(THING, _state(type="lamp"))
    here.iot.deprecate_thing_type(thingTypeName="lamp")
    state = _state(type="lamp", attributes={"city": "Ulm"})
    here.access.write(THING, state)
    assert here.access.read(THING) == state


def test_groups_and_certificates_that_are_missing_are_named_and_the_others_are_used(
    here: Here, full: dict[str, Any]
) -> None:
    other = "0" * 64
    state = full | {"groups": ["plant-1", "x"], "principals": [*full["principals"], other]}
    with pytest.raises(RetryableError) as refusal:
        here.access.write(THING, state)
    assert str(refusal.value) == (
        f"thing/sensor-1: not there yet: certificate {other}, thing group x"
    )
    assert here.access.read(THING) == full | {"groups": ["plant-1"]}


def test_more_attributes_than_aws_allows_never_work(here: Here) -> None:
    # moto counts none.
    here.refuse("CreateThing", "InvalidRequestException", message="at most 3 attributes")
    with pytest.raises(PermanentError, match="at most 3 attributes"):
        here.access.write(THING, _state(attributes=dict.fromkeys("abcd", "1")))


def test_other_principals_than_certificates_stay(here: Here, certificate: str) -> None:
    # moto attaches none but of its own Cognito pools.
    here.access.write(THING, _state(principals=[certificate]))
    arn = _arn(here, certificate)
    here.answers["ListThingPrincipalsV2"] = lambda _given: principals(COGNITO, arn)
    assert here.access.read(THING) == _state(principals=[certificate])
    here.forget()
    here.access.write(THING, _state(principals=[certificate]))
    assert here.changes == []
    here.access.write(THING, _state())
    assert here.changes == ["DetachThingPrincipal"]


def principals(*names: str) -> dict[str, Any]:
    """Return AWS's answer with these principals, of which Cognito's have no type."""
    return {"thingPrincipalObjects": [{"principal": name} for name in names]}


def test_an_exclusive_attachment_goes_over_as_exclusive(
    here: Here, there: Here, certificate: str, issue: Callable[[str], str]
) -> None:
    here.iot.create_thing(thingName="sensor-1")
    here.iot.attach_thing_principal(
        thingName="sensor-1",
        principal=_arn(here, certificate),
        thingPrincipalType="EXCLUSIVE_THING",
    )
    state = _state(principals=[certificate], exclusive=[certificate])
    assert here.access.read(THING) == state
    _certificate(there, issue("device-1"))
    there.access.write(THING, state)
    assert _types(there) == {_arn(there, certificate): "EXCLUSIVE_THING"}
    there.forget()
    there.access.write(THING, state)
    assert there.changes == []


def test_an_attachment_that_lost_its_type_gets_it_back_and_the_other_way_round(
    here: Here, certificate: str
) -> None:
    exclusive = _state(principals=[certificate], exclusive=[certificate])
    here.access.write(THING, _state(principals=[certificate]))
    here.access.write(THING, exclusive)
    assert here.access.read(THING) == exclusive
    here.access.write(THING, _state(principals=[certificate]))
    assert here.access.read(THING) == _state(principals=[certificate])


@pytest.mark.parametrize("exclusive", ["sensor-1", "sensor-2"])
def test_a_certificate_that_an_exclusive_thing_has_is_waited_for_and_all_else_is_done(
    here: Here, certificate: str, exclusive: str
) -> None:
    other = Entity.parse("thing/sensor-2")
    states = {
        name: _state(
            principals=[certificate], **({"exclusive": [certificate]} if name == exclusive else {})
        )
        for name in ("sensor-1", "sensor-2")
    }
    here.iot.create_thing_group(thingGroupName="plant-1")
    here.access.write(other, states["sensor-2"])
    with pytest.raises(RetryableError) as refusal:
        here.access.write(THING, states["sensor-1"] | {"groups": ["plant-1"]})
    assert str(refusal.value) == (
        f"thing/sensor-1: not there yet: certificate {certificate} is that of thing sensor-2, "
        "which has to change first"
    )
    assert here.access.read(THING) == _state(groups=["plant-1"])
    here.access.write(other, _state())
    here.access.write(THING, states["sensor-1"])
    assert here.access.read(THING) == states["sensor-1"]


def test_a_shared_certificate_stays_attached_until_it_can_become_exclusive(
    here: Here, certificate: str
) -> None:
    other, shared = Entity.parse("thing/sensor-2"), _state(principals=[certificate])
    exclusive = shared | {"exclusive": [certificate]}
    for thing in (THING, other):
        here.access.write(thing, shared)
    here.forget()
    with pytest.raises(
        RetryableError, match="is that of thing sensor-2, which has to change first"
    ):
        here.access.write(THING, exclusive)
    assert here.changes == []
    assert here.access.read(THING) == shared
    here.access.write(other, _state())
    here.access.write(THING, exclusive)
    assert here.access.read(THING) == exclusive


@pytest.mark.parametrize("sharing", ["sensor-1", "sensor-2"])
def test_an_attachment_that_aws_refuses_for_another_reason_never_works(
    here: Here, certificate: str, sharing: str
) -> None:
    state = _state(principals=[certificate])
    here.access.write(THING, _state())
    here.access.write(Entity.parse("thing/sensor-2"), state)
    here.refuse("AttachThingPrincipal", "InvalidRequestException", message="not this one")
    # A list of AWS's may be behind, and still name the thing itself.
    here.answers["ListPrincipalThings"] = lambda _given: {"things": [sharing]}
    with pytest.raises(PermanentError, match="not this one"):
        here.access.write(THING, state)


def test_a_type_is_changed_later_while_aws_still_detaches_the_certificate(
    here: Here, certificate: str
) -> None:
    state = _state(principals=[certificate])
    here.access.write(THING, state)
    here.refuse("AttachThingPrincipal", "InvalidRequestException")
    with pytest.raises(RetryableError, match="is still being detached"):
        here.access.write(THING, state | {"exclusive": [certificate]})


@pytest.mark.parametrize("exclusive", [None, "text", [1]])
def test_a_state_whose_exclusive_certificates_are_not_texts_never_works(
    here: Here, exclusive: object
) -> None:
    with pytest.raises(PermanentError, match="exclusive of its state must be"):
        here.access.write(THING, _state(exclusive=exclusive))
    assert here.changes == []


def test_all_principals_go_before_a_thing_is_deleted(here: Here) -> None:
    here.access.write(THING, _state())
    here.answers["ListThingPrincipalsV2"] = lambda _given: principals(COGNITO)
    here.answers["DetachThingPrincipal"] = lambda _given: {}
    here.forget()
    here.access.write(THING, None)
    assert here.changes == ["DetachThingPrincipal", "DeleteThing"]


def test_a_thing_is_deleted_once(here: Here, certificate: str) -> None:
    here.access.write(THING, _state(principals=[certificate]))
    here.access.write(THING, None)
    assert here.access.read(THING) is None
    here.forget()
    here.access.write(THING, None)
    assert here.changes == []


def test_a_thing_whose_principals_are_still_being_detached_is_deleted_later(here: Here) -> None:
    here.access.write(THING, _state())
    here.refuse("DeleteThing", "InvalidRequestException")
    with pytest.raises(RetryableError, match="its principals are still being detached"):
        here.access.write(THING, None)


def test_dynamic_groups_are_neither_read_nor_left(here: Here) -> None:
    here.iot.create_thing_group(thingGroupName="plant-1")
    here.access.write(THING, _state(groups=["plant-1"]))
    here.fresh()

    # moto has no dynamic groups.
    def described(_given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"queryString": "attributes.city:Ulm"}

    here.answers["DescribeThingGroup"] = described
    assert here.access.read(THING) == _state()
    here.access.write(THING, _state())
    assert here.changes == []

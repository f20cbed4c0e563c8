"""What an event says that may have changed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.registry.entity import EntityError
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.events import CALLS, change_of

ACCOUNT, REGION = "123456789012", "eu-west-1"
HOME = AccountRegion(ACCOUNT, REGION)
AT = 1_800_000_000_123
ID = "a" * 64
ARN = f"arn:aws:iot:{REGION}:{ACCOUNT}:"


def keys(event: Any) -> list[str]:
    return [entity.key for entity in change_of(json.dumps(event), HOME).entities]


def registry(kind: str, **members: Any) -> dict[str, Any]:
    return {
        "eventType": kind, "eventId": "e", "timestamp": AT, "operation": "UPDATED",
        "accountId": ACCOUNT, **members,
    }  # fmt: skip


def trail(name: str, /, **members: Any) -> dict[str, Any]:
    detail = {
        "eventSource": "iot.amazonaws.com",
        "eventName": name,
        "eventTime": "2027-01-15T08:00:00Z",
        "awsRegion": REGION,
        "recipientAccountId": ACCOUNT,
        "requestParameters": None,
        "responseElements": None,
        **members,
    }
    return {"version": "0", "source": "aws.iot", "region": REGION, "detail": detail}


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (registry("THING_EVENT", thingName="sensor-1", attributes={}), "thing/sensor-1"),
        (registry("THING_TYPE_EVENT", thingTypeName="sensor"), "thing-type/sensor"),
        (registry("THING_TYPE_ASSOCIATION_EVENT", thingName="sensor-1", thingTypeName="sensor",
                  accountId=None), "thing/sensor-1"),
        (registry("THING_GROUP_EVENT", thingGroupName="hall", parentGroupName=None),
         "thing-group/hall"),
        (registry("THING_GROUP_MEMBERSHIP_EVENT", groupArn=f"{ARN}thinggroup/hall",
                  thingArn=f"{ARN}thing/sensor-1"), "thing/sensor-1"),
        (registry("THING_GROUP_HIERARCHY_EVENT", thingGroupName="site", childGroupName="hall"),
         "thing-group/hall"),
    ],
)  # fmt: skip
def test_an_event_of_the_registry_names_one_entity(event: dict[str, Any], key: str) -> None:
    assert keys(event) == [key]
    assert change_of(json.dumps(event), HOME).at == AT


@pytest.mark.parametrize(
    ("topic", "shadow"),
    [
        ("$aws/things/sensor-1/shadow/update/documents", ""),
        ("$aws/things/sensor-1/shadow/name/config/update/documents", "config"),
        ("$aws/things/sensor-1/shadow/delete/accepted", ""),
        ("$aws/things/sensor-1/shadow/name/config/delete/accepted", "config"),
    ],
)
def test_an_event_of_a_shadow_names_both_halves(topic: str, shadow: str) -> None:
    change = change_of(json.dumps({"topic": topic, "time": AT}), HOME)
    assert [entity.key for entity in change.entities] == [
        f"shadow/sensor-1/{shadow}/desired", f"shadow/sensor-1/{shadow}/reported",
    ]  # fmt: skip
    assert change.at == AT


POLICY = {"policyName": "device", "policyVersionId": "2"}
CALL_KEYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    **{
        name: ({"requestParameters": POLICY}, ["policy/device"])
        for name in (
            "CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion",
            "DeletePolicy",
        )
    },
    **{
        name: ({"requestParameters": {**POLICY, "target": f"{ARN}thinggroup/hall"}},
               ["thing-group/hall"])
        for name in ("AttachPolicy", "DetachPolicy")
    },
    **{
        name: ({"requestParameters": {**POLICY, "principal": f"{ARN}cert/{ID}"}},
               [f"certificate/{ID}"])
        for name in ("AttachPrincipalPolicy", "DetachPrincipalPolicy")
    },
    **{
        name: ({"requestParameters": {"thingName": "sensor-1", "principal": f"{ARN}cert/{ID}"}},
               ["thing/sensor-1"])
        for name in ("AttachThingPrincipal", "DetachThingPrincipal")
    },
    **{
        name: ({"responseElements": {"certificateId": ID, "keyPair": {"privateKey": "hidden"}}},
               [f"certificate/{ID}"])
        for name in (
            "CreateCertificateFromCsr", "CreateKeysAndCertificate", "RegisterCertificate",
            "RegisterCertificateWithoutCA",
        )
    },
    **{
        name: ({"requestParameters": {"certificateId": ID, "newStatus": "REVOKED"}},
               [f"certificate/{ID}"])
        for name in ("UpdateCertificate", "DeleteCertificate")
    },
    "RegisterCACertificate": ({"responseElements": {"certificateId": ID}},
                              [f"ca-certificate/{ID}"]),
    **{
        name: ({"requestParameters": {"certificateId": ID}}, [f"ca-certificate/{ID}"])
        for name in ("UpdateCACertificate", "DeleteCACertificate")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_in_a_trail_names_what_it_changed(name: str) -> None:
    members, expected = CALL_KEYS[name]
    assert keys(trail(name, **members)) == expected
    change = change_of(json.dumps(trail(name, **members)), HOME)
    assert change.at == 1_800_000_000_000
    assert keys(trail(name, errorCode="AccessDenied")) == [], "nothing happened"


def test_a_policy_of_a_certificate_is_the_certificate_s() -> None:
    target = {**POLICY, "target": f"{ARN}cert/{ID}"}
    assert keys(trail("AttachPolicy", requestParameters=target)) == [f"certificate/{ID}"]


def test_a_policy_of_an_identity_of_cognito_concerns_nothing() -> None:
    target = {**POLICY, "target": "eu-west-1:0d6a1f0e-1111-2222-3333-444455556666"}
    assert keys(trail("AttachPolicy", requestParameters=target)) == []


REGISTERED = {
    "certificateId": ID, "caCertificateId": "b" * 64, "timestamp": AT,
    "certificateStatus": "PENDING_ACTIVATION", "awsAccountId": ACCOUNT,
    "certificateRegistrationTimestamp": str(AT - 9),
}  # fmt: skip


def test_a_certificate_that_registers_itself_is_named_by_its_event() -> None:
    change = change_of(json.dumps(REGISTERED), HOME)
    assert [entity.key for entity in change.entities] == [f"certificate/{ID}"]
    assert (change.at, change.registered) == (AT, AT - 9)


@pytest.mark.parametrize("time", [None, "", AT - 9, "2026-12-02T08:00:00Z", "9" * 5000])
def test_a_registration_without_a_time_is_as_old_as_its_message(time: object) -> None:
    event = {**REGISTERED, "certificateRegistrationTimestamp": time}
    assert change_of(json.dumps(event), HOME).registered == AT


def test_a_message_that_names_an_entity_has_no_time() -> None:
    change = change_of('{"entity": "thing/sensor-1"}', HOME)
    assert [entity.key for entity in change.entities] == ["thing/sensor-1"]
    assert change.at is None


THING = registry("THING_EVENT", thingName="sensor-1")
BAD: dict[str, Any] = {
    "no JSON": "{",
    "too deep": "[" * 100_000,
    "a list": "[]",
    "nothing": "{}",
    "no entity": {"entity": "sensor-1"},
    "a number for an entity": {"entity": 1},
    "an unknown event": registry("JOB_EVENT", thingName="sensor-1"),
    "another account": {**THING, "accountId": "999999999999"},
    "no account": {**THING, "accountId": None},
    "no name": {**THING, "thingName": None},
    "a name that AWS does not allow": {**THING, "thingName": "a/b"},
    "no time": {**THING, "timestamp": None},
    "a text for a time": {**THING, "timestamp": "now"},
    "a truth for a time": {**THING, "timestamp": True},
    "a time in microseconds": {**THING, "timestamp": AT * 1000},
    "a list for a type": {**THING, "eventType": ["THING_EVENT"]},
    "a member of another region": registry(
        "THING_GROUP_MEMBERSHIP_EVENT", thingArn=f"arn:aws:iot:eu-north-1:{ACCOUNT}:thing/a"
    ),
    "a member that is not a thing": registry(
        "THING_GROUP_MEMBERSHIP_EVENT", thingArn=f"{ARN}thinggroup/hall"
    ),
    "another topic": {"topic": "$aws/things/sensor-1/shadow/get", "time": AT},
    "a shadow without a time": {"topic": "$aws/things/sensor-1/shadow/update/documents"},
    "a shadow of no thing": {"topic": "$aws/things/a b/shadow/update/documents", "time": AT},
    "an unknown call": trail("CreateThing", requestParameters={"thingName": "sensor-1"}),
    "a call of another service": trail("DeletePolicy", eventSource="iam.amazonaws.com"),
    "a call in another region": trail("DeletePolicy", awsRegion="eu-north-1"),
    "a call in another account": trail("DeletePolicy", recipientAccountId="999999999999"),
    "a call without a request": trail("DeletePolicy"),
    "a call without a name": trail("DeletePolicy", requestParameters={}),
    "a call without a response": trail("RegisterCertificate"),
    "a call without a time": trail("DeletePolicy", eventTime=None),
    "a call with a wrong time": trail("DeletePolicy", eventTime="yesterday"),
    "a call with a time of nowhere": trail("DeletePolicy", eventTime="2027-01-15T08:00:00"),
    "a target in another account": trail(
        "AttachPolicy", requestParameters={"target": f"arn:aws:iot:{REGION}:9:cert/{ID}"}
    ),
    "no detail": {"detail": None},
    "a registration in another account": {**REGISTERED, "awsAccountId": "999999999999"},
    "a registration of no certificate": {**REGISTERED, "certificateId": "a/b"},
}


@pytest.mark.parametrize("name", list(BAD))
def test_anything_else_is_refused_and_not_by_a_traceback(name: str) -> None:
    body = BAD[name] if isinstance(BAD[name], str) else json.dumps(BAD[name])
    with pytest.raises(EntityError):
        change_of(body, HOME)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)  # fmt: skip
SOUND = (THING, REGISTERED, {"topic": "$aws/things/a/shadow/update/documents", "time": AT})


@given(
    event=st.sampled_from([*SOUND, *(trail(name, **CALL_KEYS[name][0]) for name in sorted(CALLS))]),
    value=json_values,
    data=st.data(),
)
def test_a_sound_event_with_any_value_in_it_is_read_or_refused(
    event: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    broken = json.loads(json.dumps(event))
    fields: Any = broken.get("detail", broken)
    fields[data.draw(st.sampled_from(sorted(fields)))] = value
    try:
        change = change_of(json.dumps(broken), HOME)
    except EntityError:
        return
    assert all(entity.key for entity in change.entities)

"""When AWS says that something was changed, and where it says nothing of it."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.registry.entity import Entity
from functions.registry.observation import TimeRange
from functions.registry.state import State
from tests.functions.registry.access.here import Here

AT = 1_800_000_000
FIRST = datetime.fromtimestamp(AT, UTC) + timedelta(milliseconds=123)
LATER = FIRST + timedelta(hours=1)
NAMED = "a" * 64


def second(at: int) -> TimeRange:
    return TimeRange(at * 1000, at * 1000 + 999)


def exact(date: datetime) -> TimeRange:
    at = int(date.timestamp() * 1000)
    return TimeRange(at, at)


def change_time(here: Here, key: str, before: State | None) -> TimeRange | None:
    (result,) = here.access.observe(Entity.parse(key))
    return result.changed(before)


def shadow(here: Here, state: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    """Let AWS answer with a shadow."""
    text = json.dumps({"state": state, "metadata": metadata, "version": 1, "timestamp": AT + 999})
    here.answers["GetThingShadow"] = lambda _given: {"payload": io.BytesIO(text.encode())}


def at(after: int) -> dict[str, int]:
    return {"timestamp": AT + after}


@pytest.mark.parametrize(
    ("before", "now", "metadata", "expected"),
    [
        (None, {"a": 1, "b": {"c": 2}}, {"a": at(1), "b": {"c": at(5)}}, 5),
        ({"a": 1, "b": 2}, {"a": 9, "b": 2}, {"a": at(3), "b": at(1)}, 3),
        ({"a": [1, 2]}, {"a": [1, {"b": 2}]}, {"a": [at(2), {"b": at(4)}]}, 4),
        ({}, {"timestamp": {"timestamp": 7}}, {"timestamp": {"timestamp": at(6)}}, 6),
        ({"a": {"b": 1}}, {"a": 1}, {"a": at(2)}, 2),
        ({"a": []}, {"a": [], "b": 0}, {"b": at(2)}, 2),
        ({"a": 1, "gone": 2}, {"a": 9}, {"a": at(3)}, None),
        ({"a": {"b": 1, "gone": 2}}, {"a": {"b": 3}}, {"a": {"b": at(3)}}, None),
        ({"a": [1], "b": 1}, {"a": [], "b": 2}, {"b": at(3)}, None),
        ({"a": 1, "b": 1}, {"a": {}, "b": 2}, {"b": at(3)}, None),
        ({"a": 1}, {"a": 2}, {}, None),
    ],
)
def test_a_half_of_a_shadow_was_changed_in_the_last_second_that_it_names_unless_something_is_gone(
    here: Here, before: Any, now: Any, metadata: Any, expected: int | None
) -> None:
    other = {"later": at(500)}
    state = {"reported": now, "desired": {"later": 1}}
    shadow(here, state, {"reported": metadata, "desired": other})
    known = None if before is None else {"document": before}
    result = change_time(here, "shadow/sensor-1//reported", known)
    assert result == (None if expected is None else second(AT + expected))


def test_a_shadow_shows_what_aws_puts_next_to_its_values(here: Here) -> None:
    here.iot.create_thing(thingName="sensor-1")
    begin = int(datetime.now(UTC).timestamp())
    document = {"state": {"desired": {"a": {"b": [1, "c"]}}}}
    here.iot_data.update_thing_shadow(thingName="sensor-1", payload=json.dumps(document))
    result = change_time(here, "shadow/sensor-1//desired", None)
    assert result is not None
    assert begin <= result.first // 1000 <= datetime.now(UTC).timestamp()


def certificate(here: Here, status: str, *policies: str) -> None:
    """Let AWS answer with a certificate that was made first and changed later."""
    described = {
        "certificatePem": "PEM",
        "status": status,
        "creationDate": FIRST,
        "lastModifiedDate": LATER,
        "autoRegistrationStatus": "ENABLE",
    }
    answer = {"certificateDescription": described}
    for call in ("DescribeCertificate", "DescribeCACertificate"):
        here.answers[call] = lambda _given: answer
    attached = {"policies": [{"policyName": name} for name in policies]}
    here.answers["ListAttachedPolicies"] = lambda _given: attached


@pytest.mark.parametrize(
    ("before", "policies", "is_known"),
    [
        (None, (), True),
        (("ACTIVE", "p"), ("p",), True),
        (None, ("p",), False),
        (("REVOKED",), ("p",), False),
        (("ACTIVE", "p"), (), False),
    ],
)
def test_a_certificate_reports_its_status_and_not_its_policies(
    here: Here, before: tuple[str, ...] | None, policies: tuple[str, ...], *, is_known: bool
) -> None:
    certificate(here, "REVOKED", *policies)
    state = None
    if before is not None:
        state = {"pem": "PEM", "status": before[0], "policies": list(before[1:])}
    result = change_time(here, f"certificate/{NAMED}", state)
    assert result == (exact(LATER) if is_known else None)


def test_a_ca_certificate_shows_all_that_is_copied_of_it(here: Here) -> None:
    certificate(here, "ACTIVE")
    before = {"pem": "PEM", "status": "ACTIVE", "auto_registration": False}
    assert change_time(here, f"ca-certificate/{NAMED}", before) == exact(LATER)


def document(name: str) -> str:
    return json.dumps({"Statement": name}, separators=(",", ":"))


def policy(here: Here, **versions: datetime | None) -> None:
    """Let AWS answer with a policy, of which the last version given is in force."""
    listed = [
        {
            "versionId": name,
            "isDefaultVersion": name == list(versions)[-1],
            **({} if date is None else {"createDate": date}),
        }
        for name, date in versions.items()
    ]

    def version(given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"policyDocument": document(given["policyVersionId"])}

    here.answers["ListPolicyVersions"] = lambda _given: {"policyVersions": listed}
    here.answers["GetPolicyVersion"] = version


def versions(default: str, *others: str) -> State:
    return {"default": document(default), "others": [document(each) for each in others]}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, LATER),
        (versions("a"), LATER),
        (versions("b"), FIRST),
        (versions("a", "b"), None),
        (versions("a", "c"), None),
        (versions("b", "a", "c"), None),
    ],
    ids=["new", "new in force", "new aside", "older in force", "one for another", "one less"],
)
def test_a_policy_shows_new_documents_and_not_those_put_in_force_or_deleted(
    here: Here, before: State | None, expected: datetime | None
) -> None:
    policy(here, a=FIRST, b=LATER)
    assert change_time(here, "policy/device", before) == (expected and exact(expected))


def test_a_policy_without_all_dates_shows_nothing(here: Here) -> None:
    policy(here, a=FIRST, b=None)
    assert change_time(here, "policy/device", None) is None


def test_a_group_shows_when_it_was_made_until_it_is_changed(here: Here) -> None:
    here.iot.create_thing_group(thingGroupName="hall")
    described = here.iot.describe_thing_group(thingGroupName="hall")
    made = exact(described["thingGroupMetadata"]["creationDate"])
    assert change_time(here, "thing-group/hall", None) == made
    here.iot.create_policy(policyName="device", policyDocument=document("a"))
    arn = described["thingGroupArn"]
    here.iot.attach_policy(policyName="device", target=arn)
    assert change_time(here, "thing-group/hall", None) is None
    here.iot.detach_policy(policyName="device", target=arn)
    here.iot.update_thing_group(
        thingGroupName="hall", thingGroupProperties={"thingGroupDescription": "new"}
    )
    assert change_time(here, "thing-group/hall", None) is None


def test_a_type_shows_when_it_was_deprecated_and_nothing_else(here: Here) -> None:
    metadata = {"creationDate": FIRST, "deprecated": True, "deprecationDate": LATER}
    answer = {"thingTypeProperties": {"thingTypeDescription": "x"}, "thingTypeMetadata": metadata}
    here.answers["DescribeThingType"] = lambda _given: answer
    in_use: State = {"description": "x", "searchable": [], "deprecated": False}
    assert change_time(here, "thing-type/sensor", in_use) == exact(LATER)
    assert change_time(here, "thing-type/sensor", {**in_use, "description": "y"}) is None


def test_of_things_and_of_what_is_gone_nothing_is_reported(here: Here) -> None:
    assert change_time(here, "thing/sensor-1", {"attributes": {}}) is None
    here.iot.create_thing(thingName="sensor-1")
    assert change_time(here, "thing/sensor-1", None) is None

"""Policies: all their versions, and the default one never missing."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.iot.models import iot_backends

from functions.registry.access import PermanentError, RetryableError, excluded
from functions.registry.entity import Entity, Kind
from tests.functions.registry.access.here import ACCOUNT, Here
from tests.support.examples import examples

POLICY = Entity.parse("policy/devices")


def _document(name: str, region: str = "{region}") -> str:
    """A canonical document with the name of a topic."""
    resource = f"arn:aws:iot:{region}:123456789012:topic/{name}"
    statement = {"Action": ["iot:Publish"], "Effect": "Allow", "Resource": [resource]}
    document = {"Statement": [statement], "Version": "2012-10-17"}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _state(default: str, *others: str) -> dict[str, Any]:
    return {"default": _document(default), "others": sorted(map(_document, others))}


def _held(here: Here, *names: str, default: int = 0) -> None:
    """Make a policy with versions, the one at `default` being in force."""
    texts = [_document(name, here.region) for name in names]
    here.iot.create_policy(policyName="devices", policyDocument=texts[0])
    for text in texts[1:]:
        here.iot.create_policy_version(policyName="devices", policyDocument=text)
    versions = here.iot.list_policy_versions(policyName="devices")["policyVersions"]
    here.iot.set_default_policy_version(
        policyName="devices", policyVersionId=versions[default]["versionId"]
    )
    here.forget()


def test_a_policy_goes_over_with_its_versions_and_the_names_of_the_own_region(
    here: Here, there: Here
) -> None:
    _held(there, "a", "b", "c", default=1)
    here.access.write(POLICY, there.access.read(POLICY))
    assert here.access.read(POLICY) == _state("b", "a", "c")
    text = here.iot.get_policy(policyName="devices")["policyDocument"]
    assert "arn:aws:iot:eu-west-1:123456789012:topic/b" in text
    assert "eu-central-1" not in text


@pytest.mark.parametrize(
    ("expected", "wanted", "calls"),
    [
        (["a"], _state("a"), []),
        (["a", "b"], _state("a", "b"), []),
        (["a", "b"], _state("b", "a"), ["SetDefaultPolicyVersion"]),
        (["a"], _state("b"), ["CreatePolicyVersion", "DeletePolicyVersion"]),
        (["a"], _state("b", "a"), ["CreatePolicyVersion"]),
        (["a"], _state("a", "b", "b"), ["CreatePolicyVersion", "CreatePolicyVersion"]),
        (["a", "b"], _state("a"), ["DeletePolicyVersion"]),
        (["a", "b"], _state("b"), ["SetDefaultPolicyVersion", "DeletePolicyVersion"]),
        (
            ["a", "b", "c", "d", "e"],
            _state("f", "a", "b", "c", "d"),
            ["DeletePolicyVersion", "CreatePolicyVersion"],
        ),
        (
            # The one that has to go is in force: another one makes room, and comes back.
            ["a", "b", "c", "d", "e"],
            _state("f", "b", "c", "d", "e"),
            ["DeletePolicyVersion", "CreatePolicyVersion"] * 2,
        ),
    ],
)
def test_versions_come_with_the_fewest_calls(
    here: Here, expected: list[str], wanted: dict[str, Any], calls: list[str]
) -> None:
    _held(here, *expected)
    here.access.write(POLICY, wanted)
    assert here.changes == calls
    assert here.access.read(POLICY) == wanted


_VERSIONS = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=5)


@given(old=_VERSIONS, in_force=st.integers(0, 4), wanted=_VERSIONS)
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_versions_become_any_others_and_none_but_the_two_defaults_is_ever_in_force(
    here: Here, old: list[str], in_force: int, wanted: list[str]
) -> None:
    here.access.write(POLICY, None)
    _held(here, *old, default=in_force % len(old))
    allowed = {_document(old[in_force % len(old)]), _document(wanted[0])}
    seen: set[str] = set()

    def watch(**_call: object) -> None:
        text = iot_backends[ACCOUNT][here.region].get_policy("devices").document
        seen.add(str(text).replace(here.region, "{region}"))

    operations = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion")
    events = [f"after-call.iot.{operation}" for operation in operations]
    for event in events:
        here.iot.meta.events.register(event, watch)
    try:
        here.access.write(POLICY, _state(*wanted))
    finally:
        for event in events:
            here.iot.meta.events.unregister(event, watch)
    assert here.access.read(POLICY) == _state(*wanted)
    assert seen <= allowed
    assert bool(seen) == bool(here.changes)


@given(document=st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers()))
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_is_read_as_it_was_written(
    here: Here, document: dict[str, str | int]
) -> None:  # fmt: skip
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    state: dict[str, Any] = {"default": text, "others": []}
    here.access.write(POLICY, state)
    assert here.access.read(POLICY) == state


def test_a_document_that_is_not_json_stays_text(here: Here) -> None:
    here.iot.create_policy(policyName="devices", policyDocument="no { JSON")
    assert here.access.read(POLICY) == {"default": "no { JSON", "others": []}


def test_white_space_and_order_of_names_make_no_difference(here: Here) -> None:
    text = json.dumps(json.loads(_document("a", here.region)), indent=2)
    here.iot.create_policy(policyName="devices", policyDocument=text)
    assert here.access.read(POLICY) == _state("a")


def test_a_document_for_several_regions_is_the_same_in_each(here: Here, there: Here) -> None:
    arns = [f"arn:aws:iot:{region}:123456789012:*" for region in ("eu-central-1", "eu-west-1")]
    text = json.dumps({"Resource": arns}, separators=(",", ":"))
    there.iot.create_policy(policyName="devices", policyDocument=text)
    here.access.write(POLICY, there.access.read(POLICY))
    assert here.iot.get_policy(policyName="devices")["policyDocument"] == text
    assert here.access.read(POLICY) == there.access.read(POLICY) == {"default": text, "others": []}


def test_a_document_that_names_this_region_from_elsewhere_never_comes(
    here: Here, there: Here
) -> None:
    text = _document("a", here.region)
    there.iot.create_policy(policyName="devices", policyDocument=text)
    with pytest.raises(PermanentError, match="a document names eu-west-1 alone"):
        here.access.write(POLICY, there.access.read(POLICY))
    assert here.changes == []


def test_a_longer_name_of_the_region_can_take_a_document_over_the_limit(
    here: Here, there: Here
) -> None:
    name = "x" * (2048 - len(_document("", here.region)))
    here.iot.create_policy(policyName="devices", policyDocument=_document(name, here.region))
    with pytest.raises(PermanentError, match="2051 characters here, and AWS allows 2048"):
        there.access.write(POLICY, here.access.read(POLICY))
    assert there.changes == []


def test_more_than_five_versions_never_work(here: Here) -> None:
    with pytest.raises(
        PermanentError, match=r"^policy/devices: it has 6 versions, and AWS allows 5$"
    ):
        here.access.write(POLICY, _state(*"abcdef"))


def test_a_document_that_aws_refuses_never_works(here: Here) -> None:
    here.refuse("CreatePolicy", "MalformedPolicyException", message="no Statement")
    with pytest.raises(
        PermanentError, match=r"CreatePolicy: MalformedPolicyException \(no Statement\)"
    ):
        here.access.write(POLICY, _state("a"))


def test_a_policy_is_deleted_with_its_versions(here: Here) -> None:
    _held(here, "a", "b", "c")
    here.access.write(POLICY, None)
    assert here.access.read(POLICY) is None
    here.forget()
    here.access.write(POLICY, None)
    assert here.changes == []


def test_a_policy_stays_whole_until_its_target_lets_it_go(here: Here) -> None:
    _held(here, "a", "b", "c")
    arn = here.iot.create_thing_group(thingGroupName="plant")["thingGroupArn"]
    here.iot.attach_policy(policyName="devices", target=arn)
    here.forget()
    with pytest.raises(
        RetryableError, match=rf"^policy/devices: still attached to {arn}, which has to"
    ):
        here.access.write(POLICY, None)
    assert here.changes == []
    here.iot.detach_policy(policyName="devices", target=arn)
    here.access.write(POLICY, None)
    assert here.access.read(POLICY) is None


def test_a_policy_that_was_just_detached_is_deleted_later(here: Here) -> None:
    _held(here, "a")
    here.refuse("DeletePolicy", "DeleteConflictException", status=409)
    with pytest.raises(RetryableError, match="DeletePolicy: DeleteConflictException"):
        here.access.write(POLICY, None)


def test_a_policy_is_not_taken_for_deleted_while_its_versions_change(here: Here) -> None:
    _held(here, "a")
    here.refuse("GetPolicyVersion", "ResourceNotFoundException", status=404)
    with pytest.raises(RetryableError, match="its versions are just being changed"):
        here.access.read(POLICY)


def test_an_excluded_policy_is_neither_read_nor_listed_nor_written(here: Here) -> None:
    _held(here, "a")
    here.iot.create_policy(policyName="other", policyDocument=_document("b"))
    access = here.fresh(excluded=excluded(["devices"], []))
    assert access.read(POLICY) is None
    for wanted in (_state("b"), None):
        with pytest.raises(PermanentError, match=r"^policy/devices: excluded"):
            access.write(POLICY, wanted)
    assert here.calls == []
    (page,) = access.entities(Kind.POLICY)
    assert [entity.name for entity in page.entities] == ["other"]


def test_attachments_of_an_excluded_policy_go_over(here: Here) -> None:
    _held(here, "a")
    access = here.fresh(excluded=excluded(["devices"], []))
    group = Entity.parse("thing-group/plant")
    state: dict[str, Any] = {
        "parent": None, "description": "", "attributes": {}, "policies": ["devices"],
    }  # fmt: skip
    access.write(group, state)
    assert access.read(group) == state

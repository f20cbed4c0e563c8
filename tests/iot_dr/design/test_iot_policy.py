"""Decisions on what a device may do by its IoT policies."""

import fnmatch
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_dr.design.iot_policy import AccessDecision, Action, BrokerClient, ClientPolicies

_ACCOUNT, _REGION, _OTHER = "111111111111", "eu-west-1", "eu-central-1"
_ARN = f"arn:aws:iot:{_REGION}:{_ACCOUNT}"
_THING = "${iot:Connection.Thing.ThingName}"
_DEVICE = BrokerClient(_REGION, _ACCOUNT, "pump-1", "pump-1")
_STRANGER = BrokerClient(_REGION, _ACCOUNT, "pump-1", None)

_TOPICS = st.text("ab/*?+#$", min_size=1, max_size=6)
_PATTERNS = st.text("ab/*?", min_size=1, max_size=6)


def statement(effect: str, action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def on_topic(effect: str, action: str, pattern: str) -> dict[str, Any]:
    return statement(effect, action, f"{_ARN}:topic/{pattern}")


_STATEMENTS = st.lists(
    st.builds(
        on_topic,
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["iot:Publish", "iot:Receive", "iot:*", "IOT:publish"]),
        _PATTERNS,
    ),
    max_size=4,
)


def allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return statement("Allow", action, resource, **more)


def policies(*statements: dict[str, Any], version: str = "2012-10-17") -> ClientPolicies:
    return ClientPolicies([json.dumps({"Version": version, "Statement": list(statements)})])


def decided(
    *statements: dict[str, Any], client: BrokerClient = _DEVICE, topic: str = "a/b"
) -> AccessDecision:
    return policies(*statements).decision(client, "Publish", topic)


@pytest.mark.parametrize(
    ("action", "name", "kind"),
    [
        ("Connect", "pump-1", "client"),
        ("Publish", "a/b", "topic"),
        ("Receive", "a/b", "topic"),
        ("Subscribe", "a/+/#", "topicfilter"),
    ],
)
def test_an_action_needs_its_kind_of_resource_in_its_region(
    action: Action, name: str, kind: str
) -> None:
    granted = policies(allow(f"iot:{action}", f"{_ARN}:{kind}/{name}"))
    assert granted.allow(_DEVICE, action, name)
    assert not granted.allow(_DEVICE, action, f"{name}x")
    elsewhere = BrokerClient(_OTHER, _ACCOUNT, "pump-1", "pump-1")
    assert granted.decision(elsewhere, action, name) is AccessDecision.IMPLICIT_DENY
    assert not policies(allow(f"iot:{action}", f"{_ARN}:thing/{name}")).allow(_DEVICE, action, name)
    others: set[Action] = {"Connect", "Publish", "Subscribe", "Receive"}
    assert not any(granted.allow(_DEVICE, each, name) for each in others - {action})


def test_a_deny_wins_wherever_it_is_and_nothing_is_denied() -> None:
    granted, denied = allow("iot:*", "*"), statement("Deny", "iot:Publish", f"{_ARN}:topic/a/*")
    assert decided(granted) is AccessDecision.ALLOWED
    assert decided(granted, denied) is decided(denied, granted) is AccessDecision.EXPLICIT_DENY
    assert decided(granted, denied, topic="b") is AccessDecision.ALLOWED
    assert (
        decided()
        is ClientPolicies(()).decision(_DEVICE, "Publish", "a")
        is AccessDecision.IMPLICIT_DENY
    )


def test_a_thing_s_name_is_that_of_the_client_whose_certificate_is_attached() -> None:
    own = allow("iot:Publish", f"{_ARN}:topic/{_THING}/up/*")
    assert decided(own, topic="pump-1/up/x/y") is AccessDecision.ALLOWED
    assert decided(own, topic="pump-2/up/x") is AccessDecision.IMPLICIT_DENY
    assert decided(own, client=_STRANGER, topic="pump-1/up/x") is AccessDecision.IMPLICIT_DENY
    assert decided(own, client=_STRANGER, topic="/up/x") is AccessDecision.IMPLICIT_DENY
    by_client = allow("iot:Publish", f"{_ARN}:topic/${{iot:ClientId}}")
    assert decided(by_client, client=_STRANGER, topic="pump-1") is AccessDecision.ALLOWED


def test_a_value_s_wildcards_are_letters() -> None:
    own = allow("iot:Publish", f"{_ARN}:topic/${{iot:ClientId}}")
    greedy = BrokerClient(_REGION, _ACCOUNT, "*", None)
    assert decided(own, client=greedy, topic="*") is AccessDecision.ALLOWED
    assert decided(own, client=greedy, topic="pump-1") is AccessDecision.IMPLICIT_DENY
    star = allow("iot:Publish", f"{_ARN}:topic/${{*}}")
    assert decided(star, topic="*") is AccessDecision.ALLOWED
    assert decided(star, topic="a") is AccessDecision.IMPLICIT_DENY


def test_variables_have_no_meaning_in_an_old_version() -> None:
    old = policies(allow("iot:Publish", f"{_ARN}:topic/{_THING}"), version="2008-10-17")
    assert not old.allow(_DEVICE, "Publish", "pump-1")
    assert old.not_understood == []


@pytest.mark.parametrize(
    ("condition", "for_device", "for_stranger"),
    [
        ({"Bool": {"iot:Connection.Thing.IsAttached": ["true"]}}, True, False),
        ({"Bool": {"iot:Connection.Thing.IsAttached": False}}, False, True),
        ({"StringEquals": {"iot:ClientId": _THING}}, True, False),
        ({"StringEquals": {"iot:ClientId": "pump-*"}}, False, False),
        ({"StringLike": {"iot:clientid": ["valve-*", "pump-?"]}}, True, True),
        ({"StringNotLike": {"iot:ClientId": "pump-*"}}, False, False),
        ({"StringNotEquals": {"iot:Connection.Thing.ThingName": "pump-1"}}, False, True),
        (
            {
                "Bool": {"iot:Connection.Thing.IsAttached": "true"},
                "StringEquals": {"iot:ClientId": "x"},
            },
            False,
            False,
        ),
    ],
)
def test_every_condition_must_hold(
    condition: dict[str, Any], for_device: bool, for_stranger: bool
) -> None:
    granted = policies(allow("iot:Publish", "*", Condition=condition))
    assert granted.not_understood == []
    assert granted.allow(_DEVICE, "Publish", "a") is for_device
    assert granted.allow(_STRANGER, "Publish", "a") is for_stranger


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, "operator IpAddress"),
        ({"Condition": {"StringEquals": {"aws:SourceIp": "x"}}}, "key aws:SourceIp"),
        ({"Condition": "x"}, "Condition is not supported in this form"),
        ({"NotResource": "*"}, "NotResource is not supported"),
        ({"Resource": "a${iot:Certificate.Subject.CommonName}"}, "iot:Certificate.Subject"),
        ({"Effect": "Maybe"}, "Effect Maybe"),
    ],
)
def test_what_is_not_understood_is_named_and_grants_nothing(
    more: dict[str, Any], problem: str
) -> None:
    odd = {"Sid": "Odd", **allow("iot:*", "*"), **more}
    granted = policies(odd)
    assert problem in granted.not_understood[0]
    assert granted.not_understood[0].startswith("Odd: ")
    assert not granted.allow(_DEVICE, "Publish", "a")
    refused = policies(allow("iot:*", "*"), {**odd, "Effect": "Deny"})
    assert refused.decision(_DEVICE, "Publish", "a") is AccessDecision.EXPLICIT_DENY


@pytest.mark.parametrize("text", ["", "[]", "{", '{"Version": "2012-10-17"}', "null"])
def test_another_text_than_a_policy_is_named(text: str) -> None:
    assert ClientPolicies([text]).not_understood == ["it is not a policy document in JSON"]


@given(_STATEMENTS, _TOPICS)
def test_decisions_are_those_of_a_naive_evaluation(
    statements: list[dict[str, Any]], topic: str
) -> None:
    arn = f"{_ARN}:topic/{topic}"
    effects = {
        body["Effect"]
        for body in statements
        # In fnmatch `[` is special, and none of the texts has one.
        if body["Action"] != "iot:Receive" and fnmatch.fnmatchcase(arn, body["Resource"])
    }
    expected = (
        AccessDecision.EXPLICIT_DENY
        if "Deny" in effects
        else AccessDecision.ALLOWED
        if effects
        else AccessDecision.IMPLICIT_DENY
    )
    assert decided(*statements, topic=topic) is expected
    assert decided(*reversed(statements), topic=topic) is expected


@given(_STATEMENTS, _TOPICS)
def test_a_deny_never_grants_and_an_allow_never_refuses(
    statements: list[dict[str, Any]], topic: str
) -> None:
    before = decided(*statements, topic=topic)
    denied = statement("Deny", "*", "*")
    assert decided(*statements, denied, topic=topic) is AccessDecision.EXPLICIT_DENY
    if before is not AccessDecision.EXPLICIT_DENY:
        assert decided(*statements, allow("*", "*"), topic=topic) is AccessDecision.ALLOWED
    else:
        assert decided(*statements, allow("*", "*"), topic=topic) is before


@given(st.text(max_size=8).filter(lambda text: "\0" not in text), _TOPICS)
def test_own_topics_are_nobody_else_s(client_id: str, topic: str) -> None:
    own = allow("iot:Publish", f"{_ARN}:topic/${{iot:ClientId}}/x")
    client = BrokerClient(_REGION, _ACCOUNT, client_id, None)
    assert decided(own, client=client, topic=f"{client_id}/x") is AccessDecision.ALLOWED
    if topic != client_id:
        assert decided(own, client=client, topic=f"{topic}/x") is AccessDecision.IMPLICIT_DENY

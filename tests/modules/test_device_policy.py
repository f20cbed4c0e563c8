"""What a device may do, and what it may not."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.settings import settings
from tests.support.synthesis import Synthesis

ARN = "arn:aws:iot:eu-west-1:111111111111"


@pytest.fixture
def policy(synthesis: Synthesis) -> dict[str, Any]:
    """Return the policy as IoT Core sees it, after Terraform has read its template."""
    (body,) = synthesis(settings())["iot-dev-iot-eu-west-1"].resources("aws_iot_policy").values()
    text: str = body["policy"]
    assert not re.search(r"(?<!\$)\$\{", text), "Terraform would read this as its own template"
    return json.loads(text.replace("$${", "${"))


def allows(policy: dict[str, Any], action: str, resource: str, thing: str) -> bool:
    """Evaluate the policy for a device whose certificate is attached to `thing`.

    As IAM documents it: a statement matches by its patterns, and one Deny outweighs all Allow.
    """
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if matches(statement["Action"], action, thing)
        and matches(statement["Resource"], f"{ARN}:{resource}", thing)
    }
    return effects == {"Allow"}


def matches(patterns: str | list[str], value: str, thing: str) -> bool:
    texts = [patterns] if isinstance(patterns, str) else patterns
    variable = "${iot:Connection.Thing.ThingName}"
    return any(fnmatchcase(value, text.replace(variable, thing)) for text in texts)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iot:Connect", "client/one"),
        ("iot:Publish", "topic/iot-dev/one/up/temperature"),
        ("iot:Receive", "topic/iot-dev/one/down/command"),
        ("iot:Subscribe", "topicfilter/iot-dev/one/down/#"),
        ("iot:Publish", "topic/$aws/things/one/shadow/update"),
        ("iot:Publish", "topic/$aws/things/one/shadow/name/config/get"),
        ("iot:Subscribe", "topicfilter/$aws/things/one/shadow/name/config/update/delta"),
        ("iot:Receive", "topic/$aws/things/one/shadow/update/accepted"),
    ],
)
def test_a_device_may_use_what_is_its_own_and_no_other_device_may(
    policy: dict[str, Any], action: str, resource: str
) -> None:
    assert allows(policy, action, resource, thing="one")
    assert not allows(policy, action, resource, thing="two")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iot:Publish", "topic/iot-dev/one/down/command"),
        ("iot:Publish", "topic/iot-prod/one/up/temperature"),
        ("iot:Subscribe", "topicfilter/#"),
        ("iot:Subscribe", "topicfilter/iot-dev/+/down/command"),
        ("iot:Publish", "topic/$aws/things/one/jobs/start-next"),
        ("iot:Publish", "topic/$aws/things/one/shadow/update/documents"),
        ("iot:Publish", "topic/$aws/things/one/shadow/update/accepted"),
        ("iot:RetainPublish", "topic/iot-dev/one/up/temperature"),
        ("iot:DeleteThingShadow", "thing/one"),
    ],
)
def test_a_device_may_not_do_anything_else(
    policy: dict[str, Any], action: str, resource: str
) -> None:
    assert not allows(policy, action, resource, thing="one")


def test_connecting_wants_a_certificate_that_is_attached_to_the_thing(
    policy: dict[str, Any],
) -> None:
    conditions = [s["Condition"] for s in policy["Statement"] if "Condition" in s]
    assert len(conditions) == 1
    (connect,) = (s for s in policy["Statement"] if s["Action"] == "iot:Connect")
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": ["true"]}}

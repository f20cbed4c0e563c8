from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind


@pytest.fixture
def policy(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_iam_policy", name="apply", path="/iot-dr/", policy="{}")


@pytest.fixture
def attachment(cache: SchemaCache) -> Kind:
    arn = "arn:aws:iam::111111111111:policy/iot-dr/apply"
    return Kind(cache, "aws_iam_role_policy_attachment", role="apply", policy_arn=arn)


def test_a_policy_of_its_own_is_known_by_its_arn_which_has_no_region(policy: Kind) -> None:
    made = policy.apply()
    assert made["arn"] == "arn:aws:iam::111111111111:policy/iot-dr/apply"
    assert (made["id"], made["attachment_count"]) == (made["arn"], 0)
    assert policy.apply(path=None)["arn"].endswith(":policy/apply")


def test_a_policy_of_its_own_is_planned_with_its_keys_in_order(policy: Kind) -> None:
    planned = policy.plan(policy='{"Version": "2012-10-17", "Statement": []}')
    assert planned["policy"] == '{"Statement":[],"Version":"2012-10-17"}'


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "a b"}, "letters, digits"),
        ({"path": "iot-dr"}, "begins and ends with /"),
        ({"policy": "{"}, "be JSON"),
        ({"name_prefix": "a"}, "conflicts"),
    ],
)
def test_a_wrong_policy_is_refused(policy: Kind, changes: dict[str, Any], said: str) -> None:
    assert policy.refused() == ""
    assert said in policy.refused(**changes)


def test_what_a_change_replaces(policy: Kind, attachment: Kind) -> None:
    assert policy.replaced_by(policy='{"Statement":[]}') == []
    assert policy.replaced_by(description="new", path="/") == ["description", "path"]
    assert attachment.replaced_by(role="other") == ["role"]
    assert attachment.apply()["id"].startswith("apply-")

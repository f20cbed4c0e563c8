import json
from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.values import UNKNOWN
from tests.iot_dr.terraform.standin.services.kind import Kind


@pytest.fixture
def key(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_kms_key", description="alarms")


def test_a_key_is_known_by_its_id(key: Kind) -> None:
    made = key.apply()
    assert made["id"] == made["key_id"]
    assert made["arn"] == f"arn:aws:kms:eu-west-1:111111111111:key/{made['id']}"


def test_a_key_without_a_policy_trusts_its_account(key: Kind) -> None:
    assert key.plan()["policy"] == UNKNOWN
    (statement,) = json.loads(key.apply()["policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}


def test_a_key_takes_the_defaults_that_a_plan_shows(key: Kind) -> None:
    planned = key.plan()
    assert planned["customer_master_key_spec"] == "SYMMETRIC_DEFAULT"
    assert (planned["enable_key_rotation"], planned["is_enabled"]) == (False, True)


@pytest.mark.parametrize(("rotates", "days"), [(True, 365), (False, 0)])
def test_a_key_that_rotates_does_so_once_a_year(key: Kind, rotates: bool, days: int) -> None:
    assert key.apply(enable_key_rotation=rotates)["rotation_period_in_days"] == days


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"deletion_window_in_days": 6}, "between 7 and 30"),
        ({"deletion_window_in_days": 31}, "between 7 and 30"),
        ({"policy": "{"}, "be JSON"),
        ({"customer_master_key_spec": "AES"}, "SYMMETRIC_DEFAULT"),
        ({"key_usage": "SIGN"}, "SIGN_VERIFY"),
        ({"rotation_period_in_days": 90}, '"rotation_period_in_days" needs "enable_key_rotation"'),
        ({"xks_key_id": "x"}, '"xks_key_id" needs "custom_key_store_id"'),
    ],
)
def test_a_wrong_key_is_refused(key: Kind, changes: dict[str, Any], said: str) -> None:
    assert key.refused() == ""
    assert said in key.refused(**changes)


def test_what_a_change_replaces(key: Kind) -> None:
    assert key.replaced_by(description="new", enable_key_rotation=True) == []
    assert key.replaced_by(multi_region=True) == ["multi_region"]

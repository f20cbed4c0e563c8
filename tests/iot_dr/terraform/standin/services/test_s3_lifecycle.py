from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind

RULE = {
    "id": "old",
    "status": "Enabled",
    "filter": [{"prefix": ""}],
    "expiration": [{"days": 90}],
    "noncurrent_version_expiration": [{"noncurrent_days": 30}],
}


@pytest.fixture
def lifecycle(cache: SchemaCache) -> Kind:
    return Kind(
        cache, "aws_s3_bucket_lifecycle_configuration", bucket="artifacts-of-dev", rule=[RULE]
    )


def test_a_lifecycle_is_known_at_plan_as_the_provider_writes_it(lifecycle: Kind) -> None:
    planned = lifecycle.plan()
    assert planned["transition_default_minimum_object_size"] == "all_storage_classes_128K"
    (rule,) = planned["rule"]
    assert rule["prefix"] == ""
    assert rule["expiration"][0]["expired_object_delete_marker"] is False
    assert rule["filter"][0]["object_size_less_than"] is None


def test_a_lifecycle_is_known_by_its_bucket_and_a_second_plan_is_empty(lifecycle: Kind) -> None:
    made = lifecycle.apply()
    assert (made["id"], made["expected_bucket_owner"]) == ("artifacts-of-dev", "")
    assert lifecycle.changed(made) == made


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "On"}, "Disabled, Enabled"),
        ({"id": ""}, "1 to 255"),
        ({"noncurrent_version_expiration": [{"noncurrent_days": 0}]}, "be 1 or more"),
        ({"transition": [{"days": 1, "storage_class": "COLD"}]}, "GLACIER"),
    ],
)
def test_a_wrong_rule_is_refused(lifecycle: Kind, changes: dict[str, Any], message: str) -> None:
    assert lifecycle.refused() == ""
    assert message in lifecycle.refused(rule=[{**RULE, **changes}])


def test_what_a_change_replaces(lifecycle: Kind) -> None:
    assert lifecycle.replaced_by(rule=[{**RULE, "status": "Disabled"}]) == []
    assert lifecycle.replaced_by(bucket="other") == ["bucket"]

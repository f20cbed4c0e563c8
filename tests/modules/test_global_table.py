"""A table that is in every region."""

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.global_table import GlobalTable, GlobalTableInputs
from modules.inputs import InputError
from tests.support.synthesis import empty_stack, template


def table(**changes: Any) -> dict[str, Any]:
    stack = empty_stack()
    given: dict[str, Any] = {
        "provider": AwsProvider(stack, "aws", region="eu-west-1"),
        "slot": "things",
        "name": "example-dev-things",
        "hash_key": "device",
        "replicas": ["eu-central-1", "eu-north-1"],
        "point_in_time_days": 7,
        **changes,
    }
    GlobalTable(stack, "table", GlobalTableInputs(**given))
    return template(stack).resources("aws_dynamodb_table")["things"]


def test_it_and_each_replica_can_be_restored_and_not_be_deleted() -> None:
    result = table()
    assert result["point_in_time_recovery"] == {"enabled": True, "recovery_period_in_days": 7}
    assert result["deletion_protection_enabled"] is True
    assert result["lifecycle"] == {"prevent_destroy": True}
    assert [each["region_name"] for each in result["replica"]] == ["eu-central-1", "eu-north-1"]
    for replica in result["replica"]:
        assert replica["point_in_time_recovery"] is True
        assert replica["deletion_protection_enabled"] is True


def test_it_has_a_stream_of_both_images_and_replicates_without_waiting() -> None:
    result = table()
    assert result["stream_enabled"] is True
    assert result["stream_view_type"] == "NEW_AND_OLD_IMAGES"
    assert all("consistency_mode" not in each for each in result["replica"])


def test_it_is_encrypted_by_a_key_of_kms_in_each_region() -> None:
    result = table()
    assert result["server_side_encryption"] == {"enabled": True}
    assert all("kms_key_arn" not in each for each in result["replica"])


def test_its_keys_are_text() -> None:
    result = table(range_key="region")
    assert (result["hash_key"], result["range_key"]) == ("device", "region")
    assert result["attribute"] == [
        {"name": "device", "type": "S"},
        {"name": "region", "type": "S"},
    ]
    assert "range_key" not in table()


def test_items_go_by_themselves_only_where_an_attribute_says_when() -> None:
    assert "ttl" not in table()
    assert table(ttl="expires")["ttl"] == {"attribute_name": "expires", "enabled": True}


def test_a_region_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="expected each region once"):
        table(replicas=["eu-north-1", "eu-north-1"])

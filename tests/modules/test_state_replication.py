"""The module that copies states refuses what S3 or IAM would, at once and by name."""

from dataclasses import replace
from typing import Any

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.inputs import InputError
from modules.state_replication import (
    ReplicatedBucket,
    StateReplication,
    StateReplicationInputs,
)
from tests.support.synthesis import empty_stack, template

STANDBY = ReplicatedBucket(bucket="standby", region="eu_central_1", slot="eu_central_1")
VALID: dict[str, Any] = {
    "role_name": "replication",
    "account_id": "111111111111",
    "source": ReplicatedBucket(bucket="home", region="eu_west_1", slot="eu_west_1"),
    "destinations": [STANDBY],
    "keys": ["dev/zone.tfstate"],
    "versioning": [],
}
MANY = [replace(STANDBY, bucket=f"bucket-{number}", slot=str(number)) for number in range(1001)]


def make(**changes: Any) -> TerraformStack:
    stack = empty_stack()
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    inputs = StateReplicationInputs(provider=provider, **{**VALID, **changes})
    StateReplication(stack, "replication", inputs)
    return stack


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("role_name", "", "1 to 64 characters"),
        ("role_name", "a" * 65, "1 to 64 characters"),
        ("account_id", "1234", "12 digits"),
        ("keys", [], "at least one"),
        ("keys", ["a", "a"], "different keys"),
        ("keys", ["dev/*"], "without * and ?"),
        ("destinations", [], "at least one bucket"),
        ("destinations", [replace(STANDBY, bucket="home")], "other buckets than the source home"),
        ("destinations", MANY, "at most 1000 rules"),
    ],
)
def test_a_wrong_input_is_refused_by_name(name: str, value: object, expected: str) -> None:
    with pytest.raises(InputError) as refusal:
        make(**{name: value})
    assert str(refusal.value).startswith(f"StateReplication: {name} is ")
    assert expected in str(refusal.value)


def test_the_role_and_the_configuration_stand_in_the_sources_region() -> None:
    stack = template(make())
    assert {block.body["provider"] for block in stack.blocks()} == {"aws.eu_west_1"}

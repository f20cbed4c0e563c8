from typing import Any

import pytest

from iot_dr.rules.global_table_in_two_states import RULE
from tests.iot_dr.rules.designs import judged, where

ARN = "arn:aws:dynamodb:eu-west-1:111111111111:table/state"
REPLICA = "aws_dynamodb_table_replica"
BLOCK: dict[str, Any] = {"replica": [{"region_name": "eu-central-1"}]}


def stack(region: str, **by_type: Any) -> dict[str, Any]:
    """Return a stack of one region, with one resource of each type."""
    return {
        "provider": {"aws": {"region": region}},
        "resource": {type_: {"state": values} for type_, values in by_type.items()},
    }


def table(region: str, name: str = "state", **values: Any) -> dict[str, Any]:
    """Return a stack of a table."""
    return stack(region, aws_dynamodb_table={"name": name, **values})


def test_a_table_with_its_replicas_in_one_state_passes() -> None:
    assert judged(RULE, {"data": table("eu-west-1", **BLOCK)}) == []


def test_the_same_table_in_a_replicas_region_is_refused() -> None:
    findings = judged(RULE, {"data": table("eu-west-1", **BLOCK), "twin": table("eu-central-1")})
    assert where(findings) == {"twin/aws_dynamodb_table.state"}
    assert "each state reverts the changes of the other" in findings[0].message


@pytest.mark.parametrize(
    "second",
    [table("us-east-2"), table("eu-central-1", "other"), table("eu-central-1", "${var.n}")],
)
def test_a_table_of_its_own_passes(second: dict[str, Any]) -> None:
    assert judged(RULE, {"data": table("eu-west-1", **BLOCK), "other": second}) == []


def test_two_tables_without_replicas_are_two_tables() -> None:
    assert judged(RULE, {"one": table("eu-west-1"), "other": table("eu-central-1")}) == []


@pytest.mark.parametrize("arn", [ARN, "${data.aws_dynamodb_table.state.arn}"])
def test_a_replica_of_a_table_that_is_elsewhere_is_refused(arn: str) -> None:
    document = stack("eu-central-1", **{REPLICA: {"global_table_arn": arn}})
    document["data"] = {"aws_dynamodb_table": {"state": {"name": "state"}}}
    findings = judged(RULE, {"standby": document})
    assert where(findings) == {f"standby/{REPLICA}.state"}
    assert "neither state can be planned while the other's region is down" in findings[0].message


@pytest.mark.parametrize("arn", ["${aws_dynamodb_table.state.arn}", "${var.arn}", None])
def test_a_replica_next_to_its_table_and_one_of_an_unknown_table_pass(arn: object) -> None:
    document = stack(
        "eu-west-1", aws_dynamodb_table={"name": "state"}, **{REPLICA: {"global_table_arn": arn}}
    )
    assert judged(RULE, {"data": document}) == []

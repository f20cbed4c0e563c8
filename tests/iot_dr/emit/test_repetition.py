"""Blocks and entries of policies that Terraform repeats."""

from typing import Any

import pytest

from iot_dr.emit.module_stack import listed, repeated

BUCKET: dict[str, Any] = {
    "rule": [{"id": "${rule.value}", "priority": 1}],
    "policy": '{"Resource": ["arn:${rule.value}"], "Action": ["s3:GetObject", "s3:ListBucket"]}',
}
DOCUMENT: dict[str, Any] = {"resource": {"aws_s3_bucket": {"one": BUCKET, "other": {}}}}
ADDRESS = "aws_s3_bucket.one"


def body(document: dict[str, Any]) -> dict[str, Any]:
    return document["resource"]["aws_s3_bucket"]["one"]


@pytest.mark.parametrize(("numbered", "priority"), [(None, 1), ("priority", "${rule.key + 1}")])
def test_a_block_becomes_one_for_each_value(numbered: str | None, priority: object) -> None:
    changed = repeated(
        DOCUMENT, address=ADDRESS, block="rule", for_each="var.keys", numbered=numbered
    )
    content = {"id": "${rule.value}", "priority": priority}
    assert body(changed)["dynamic"] == {"rule": {"for_each": "${var.keys}", "content": content}}
    assert "rule" not in body(changed)
    assert body(DOCUMENT) == BUCKET


def test_only_a_block_that_stands_once_is_repeated() -> None:
    twice: dict[str, Any] = {"resource": {"aws_s3_bucket": {"one": {"rule": [{}, {}]}}}}
    with pytest.raises(ValueError, match="too many values"):
        repeated(twice, address=ADDRESS, block="rule", for_each="var.keys", numbered=None)


def test_a_list_of_one_text_in_a_policy_becomes_an_expression() -> None:
    changed = listed(DOCUMENT, address=ADDRESS, only="arn:${rule.value}", expression="local.arns")
    assert body(changed)["policy"] == (
        '{"Resource": ${jsonencode(local.arns)}, "Action": ["s3:GetObject", "s3:ListBucket"]}'
    )


def test_a_policy_without_that_list_is_refused_by_its_address() -> None:
    with pytest.raises(
        ValueError, match=r"^aws_s3_bucket.one: its policy has no list with only arn:no"
    ):
        listed(DOCUMENT, address=ADDRESS, only="arn:no", expression="local.arns")

"""The boundary of functions' roles, for stacks of a user's own."""

import json
from typing import Any

import pytest

from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.permissions import function_boundary
from stacks.permissions.policy import Statement
from stacks.stack_context import stack_context
from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import HERE, SETTINGS

FUNCTION = {"lambda:FunctionArn": f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:example-dev-mine"}


def boundary(condition: dict[str, Any], **role: str) -> list[Statement]:
    """Return the boundary that a stack with one role and one policy gets."""
    trust = {"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}}]}
    allowed = {
        "Effect": "Allow", "Action": "lambda:CreateEventSourceMapping", "Resource": "*",
        "Condition": condition,
    }  # fmt: skip
    body = {
        "name": f"example-dev-mine-{HERE}",
        "assume_role_policy": json.dumps(trust),
        "provider": "aws.eu_west_1",
        **role,
    }
    policy = {"role": "${aws_iam_role.mine.name}", "policy": json.dumps({"Statement": [allowed]})}
    document = {"aws_iam_role": {"mine": body}, "aws_iam_role_policy": {"mine": policy}}
    environment = PipelineEnvironment(SETTINGS, stack_context(SETTINGS, HERE))
    return function_boundary(environment, [("own", {"resource": document})])


def test_a_condition_on_arns_stays_next_to_the_one_on_the_role() -> None:
    (mapping,) = (each for each in boundary({"ArnLike": FUNCTION}) if each["Effect"] == "Allow")
    assert mapping["Condition"]["ArnLike"].keys() == {*FUNCTION, "aws:PrincipalArn"}


@pytest.mark.parametrize("path", ["/", "/svc/"])
def test_a_role_with_a_path_of_its_own_is_a_function_s_all_the_same(path: str) -> None:
    allowed = [each for each in boundary({}, path=path) if each["Effect"] == "Allow"]
    assert [each["Action"] for each in allowed] == [["lambda:CreateEventSourceMapping"]]

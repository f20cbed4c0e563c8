"""The role of a build, and the boundary that caps it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.build_role import MAX_INLINE_POLICY_LENGTH, BuildRole, BuildRoleInputs
from modules.inputs import InputError
from modules.permissions_boundary import (
    MAX_MANAGED_POLICY_LENGTH,
    PermissionsBoundary,
    PermissionsBoundaryInputs,
)
from modules.policy_document import policy_length
from tests.support.iam import document, roles
from tests.support.synthesis import empty_stack, template
from tests.support.template import Template

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}
SOURCE = "arn:aws:codebuild:eu-west-1:111111111111:project/example-dev-plan-eu-west-1"


def build_role(
    *statements: dict[str, Any],
    resolved: Mapping[str, str] = MappingProxyType({}),
    **attached: list[dict[str, Any]],
) -> Template:
    stack = empty_stack()
    inputs = BuildRoleInputs(
        provider=AwsProvider(stack, "aws", region="eu-west-1"),
        name="example-dev-plan-eu-west-1",
        path="/iot-dr/",
        slot="plan",
        description="plan of dev",
        service="codebuild",
        account_id="111111111111",
        source_arn=SOURCE,
        boundary_arn="arn:aws:iam::111111111111:policy/iot-dr/boundary",
        attached=tuple(attached),
    )
    BuildRole(stack, "role", inputs).grant(statements, attached, resolved)
    return template(stack)


def boundary(*statements: dict[str, Any]) -> Template:
    stack = empty_stack()
    inputs = PermissionsBoundaryInputs(
        provider=AwsProvider(stack, "aws", region="eu-west-1"),
        name="example-dev-boundary",
        path="/iot-dr/",
        slot="boundary",
        description="what a role can do at the most",
    )
    PermissionsBoundary(stack, "boundary", inputs).write(statements)
    return template(stack)


def long(length: int) -> dict[str, Any]:
    """Return a statement that makes a policy exactly so long."""
    short = {**READ, "Resource": ""}
    return {**READ, "Resource": "x" * (length - policy_length([short]))}


def test_a_role_has_one_policy_its_boundary_and_a_name_below_its_path() -> None:
    stack = build_role(READ)
    role = stack.resources("aws_iam_role")["plan"]
    assert role["permissions_boundary"] == "arn:aws:iam::111111111111:policy/iot-dr/boundary"
    assert (role["path"], role["name"]) == ("/iot-dr/", "example-dev-plan-eu-west-1")
    policy = stack.resources("aws_iam_role_policy")["plan"]
    assert policy["role"] == "${aws_iam_role.plan.name}"
    assert document(policy["policy"]) == [READ]


def test_a_policy_that_only_its_resolved_references_make_too_long_is_refused() -> None:
    bucket = "${aws_s3_bucket.artifacts.arn}"
    statements = {**READ, "Resource": bucket}, long(MAX_INLINE_POLICY_LENGTH - 150)
    assert build_role(*statements, resolved={bucket: "arn:aws:s3:::a"})
    with pytest.raises(InputError, match=r"statements is 10\d{3}, expected .* at most 10240 char"):
        build_role(*statements, resolved={bucket: f"arn:aws:s3:::{'b' * 150}"})


def test_a_role_is_taken_on_for_one_source_of_its_own_account() -> None:
    role = build_role(READ).resources("aws_iam_role")["plan"]
    assert document(role["assume_role_policy"]) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codebuild.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111111111111"},
                "ArnEquals": {"aws:SourceArn": SOURCE},
            },
        }
    ]


def test_what_a_role_may_do_besides_is_in_policies_of_their_own_below_its_path() -> None:
    write = {**READ, "Action": "s3:PutObject"}
    stack = build_role(READ, telemetry=[write])
    policy = stack.resources("aws_iam_policy")["plan_telemetry"]
    assert (policy["path"], policy["name"]) == ("/iot-dr/", "example-dev-plan-eu-west-1-telemetry")
    assert document(policy["policy"]) == [write]
    attachment = stack.resources("aws_iam_role_policy_attachment")["plan_telemetry"]
    assert attachment["role"] == "${aws_iam_role.plan.name}"
    assert attachment["policy_arn"] == "${aws_iam_policy.plan_telemetry.arn}"
    assert roles(stack)["plan"].statements == [READ, write]


def test_what_needs_a_role_s_policy_waits_for_those_that_are_attached_too() -> None:
    inline = build_role(READ, telemetry=[READ]).resources("aws_iam_role_policy")["plan"]
    assert inline["depends_on"] == ["aws_iam_role_policy_attachment.plan_telemetry"]
    assert "depends_on" not in build_role(READ).resources("aws_iam_role_policy")["plan"]


def test_a_boundary_is_a_policy_of_its_own() -> None:
    policy = boundary(READ).resources("aws_iam_policy")["boundary"]
    assert (policy["path"], policy["name"]) == ("/iot-dr/", "example-dev-boundary")
    assert document(policy["policy"]) == [READ]


def test_policies_may_be_as_long_as_iam_takes_them() -> None:
    assert build_role(long(MAX_INLINE_POLICY_LENGTH), attached=[long(MAX_MANAGED_POLICY_LENGTH)])
    assert boundary(long(MAX_MANAGED_POLICY_LENGTH))


def test_a_policy_that_is_too_long_is_refused_before_anything_is_planned() -> None:
    with pytest.raises(InputError, match=r"BuildRole: statements is 10241, .* fewer regions"):
        build_role(long(MAX_INLINE_POLICY_LENGTH + 1))
    with pytest.raises(InputError, match=r"BuildRole: attached\['data'\] is 6145"):
        build_role(READ, data=[long(MAX_MANAGED_POLICY_LENGTH + 1)])
    with pytest.raises(InputError, match="PermissionsBoundary: statements is 6145"):
        boundary(long(MAX_MANAGED_POLICY_LENGTH + 1))

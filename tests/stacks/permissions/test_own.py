"""What the roles of pipelines may do with a project's own stacks."""

import json
from typing import Any

import pytest
from cdktf import App

from environments.errors import SettingsError
from iot_dr.api import BaseStack, IotPlatformStage
from iot_dr.delivery.pipeline.guard import NotPermittedHereError, refuse_undeclared
from modules.permissions.permission import Permission
from stacks.own_stacks import with_own_stacks
from tests.stacks.own_examples import Called, DeclaredParameter, Orders, Parameter
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings

HERE, OTHER = "eu-central-1", "eu-west-1"


def stage(*regional: type[BaseStack]) -> IotPlatformStage:
    """Return the stage of an environment with a pipeline and own stacks."""
    return IotPlatformStage(App(), settings(pipeline=PIPELINE), regional=regional)


def statements(own: IotPlatformStage, scope: str, service: str) -> list[dict[str, Any]]:
    """Return what a role of the active pipeline is allowed in a service."""
    document = own.stacks["iot-dev-pipeline-eu-west-1"].to_terraform()
    policies = document["resource"]["aws_iam_role_policy"]
    (text,) = [
        body["policy"]
        for name, body in policies.items()
        if name.replace("_", "-").endswith(f"apply-{scope}")
    ]
    return [
        statement
        for statement in json.loads(text)["Statement"]
        if statement["Effect"] == "Allow"
        and any(action.startswith(f"{service}:") for action in statement["Action"])
    ]


def test_a_type_of_the_platform_needs_no_declaration() -> None:
    own = stage(Orders)
    assert not own.refused
    (allowed,) = statements(own, HERE, "sqs")
    assert f"arn:aws:sqs:{HERE}:111111111111:example-dev-orders" in allowed["Resource"]
    assert OTHER not in json.dumps(statements(own, HERE, "sqs"))


def test_an_undeclared_type_is_planned_and_the_pipeline_refuses_it_in_one_line() -> None:
    own = stage(Parameter)
    assert [message.partition(": the")[0] for message in own.refused] == [
        f"iot-dev-parameter-{region}: aws_ssm_parameter.limit" for region in (OTHER, HERE)
    ]
    assert not statements(own, HERE, "ssm")
    with pytest.raises(NotPermittedHereError) as error:
        refuse_undeclared(with_own_stacks(settings(pipeline=PIPELINE), [Parameter], []))
    assert "permissions of the stack's class (and 1 more)" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_module_that_a_class_calls_is_refused_until_its_class_declares_permissions() -> None:
    own = stage(Called)
    assert own.refused[0] == (
        "iot-dev-called-eu-west-1: module.audit: the permissions that a pipeline needs for it are"
        " unknown: declare them in permissions of its class, or of the module in the environment's"
        " file"
    )
    permission = Permission(
        resources=("arn:aws:events:{region}:{account}:rule/{project}-{environment}-*",),
        write=("events:PutRule",),
    )
    declared = type("Declared", (Called,), {"permissions": {"module.audit": (permission,)}})
    own = stage(declared)
    assert not own.refused
    (allowed,) = statements(own, HERE, "events")
    assert f"arn:aws:events:{HERE}:111111111111:rule/example-dev-*" in allowed["Resource"]


def test_a_declared_type_is_allowed_to_its_regions_role_by_its_own_name_alone() -> None:
    own = stage(DeclaredParameter)
    assert not own.refused
    arn = f"arn:aws:ssm:{HERE}:111111111111:parameter/example-dev-limit"
    allowed = statements(own, HERE, "ssm")
    assert {action for each in allowed for action in each["Action"] if "ssm:" in action} == {
        *("ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:DescribeParameters"),
        *("ssm:GetParameter*", "ssm:ListTagsForResource", "ssm:PutParameter"),
    }
    for statement in allowed:
        named = [each for each in statement["Resource"] if ":ssm:" in each]
        assert named == ([] if statement["Resource"] == ["*"] else [arn])
    assert not statements(own, "global", "ssm")
    refuse_undeclared(with_own_stacks(settings(pipeline=PIPELINE), [DeclaredParameter], []))


@pytest.mark.parametrize(
    ("type_", "action", "message"),
    [
        ("aws_sqs_queue", "sqs:SendMessage", "aws_sqs_queue: is in the platform's catalogue"),
        ("aws_ssm_parameter", "ssm:*", "'ssm:*' is not an IAM action, such as"),
        ("aws_ssm_parameter", "*", "'*' is not an IAM action, such as"),
        ("aws_ssm_parameter", "ssm:Get", "is declared differently by another own stack"),
    ],
)
def test_an_impossible_declaration_is_refused(type_: str, action: str, message: str) -> None:
    permission = Permission(resources=("*",), read=(action,))
    other = type("Other", (BaseStack,), {"kind": "other", "permissions": {type_: (permission,)}})
    with pytest.raises(SettingsError) as error:
        stage(DeclaredParameter, other)
    assert message in str(error.value)


def test_permissions_of_another_form_are_refused_in_one_line() -> None:
    for permissions in (5, {"aws_ssm_parameter": 5}, {"aws_ssm_parameter": ("ssm:Get",)}):
        other = type("Other", (BaseStack,), {"kind": "other", "permissions": permissions})
        with pytest.raises(SettingsError) as error:
            stage(other)
        assert str(error.value).startswith("Other: cannot be synthesized: ")

"""The role of a pipeline, or of one of its builds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.policy_document import length_of, policy_document

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: inline policies of a role
LONGEST_INLINE: Final = 10_240


@dataclass(frozen=True, kw_only=True)
class BuildRoleInputs:
    """Who takes the role on and for what (`source_arn`), what it may do, and what caps it.

    `slot` is the logical id of the role and of its one policy.
    """

    provider: AwsProvider
    name: str
    path: str
    slot: str
    description: str
    service: Literal["codebuild", "codepipeline"]
    account_id: str
    source_arn: str
    statements: Sequence[Mapping[str, Any]]
    boundary_arn: str


@dataclass(frozen=True, kw_only=True)
class BuildRoleOutputs:
    """The role's ARN, and the policy without which it has no rights yet."""

    arn: str
    policy: ITerraformDependable


class BuildRole(Module):
    """A role that one project or pipeline of this account takes on, and nobody else.

    Sources: cross-service-confused-deputy-prevention.html below both
    docs.aws.amazon.com/codebuild/latest/userguide and
    docs.aws.amazon.com/codepipeline/latest/userguide.
    """

    def __init__(self, scope: Construct, id_: str, inputs: BuildRoleInputs) -> None:
        length = length_of(inputs.statements)
        expected = (
            f"statements of at most {LONGEST_INLINE} characters: a shorter project, environment or"
            " state.bucket_prefix makes them shorter, or fewer regions"
        )
        refuse_unless(length <= LONGEST_INLINE, BuildRole, "statements", length, expected)
        super().__init__(scope, id_)
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.name,
                path=inputs.path,
                description=inputs.description,
                assume_role_policy=policy_document([_trust(inputs)]),
                permissions_boundary=inputs.boundary_arn,
            ),
            inputs.slot,
        )
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=inputs.slot,
                role=role.name,
                policy=policy_document(inputs.statements),
            ),
            inputs.slot,
        )
        self.outputs = BuildRoleOutputs(arn=role.arn, policy=policy)


def _trust(inputs: BuildRoleInputs) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{inputs.service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": inputs.account_id},
            "ArnEquals": {"aws:SourceArn": inputs.source_arn},
        },
    }

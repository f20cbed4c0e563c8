"""The role of a pipeline, or of one of its builds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.permissions_boundary import LONGEST_MANAGED
from modules.policy_document import length_of, policy_document

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: inline policies of a role
LONGEST_INLINE: Final = 10_240

_Statements = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class BuildRoleInputs:
    """Who takes the role on and for what (`source_arn`), what it may do, and what caps it.

    `slot` is the logical id of the role and of the policy in it. What `attached` says by name is
    for policies beside it, where one would be longer than IAM takes; these a person alone changes
    (ADR 0020). `resolved` has, for each reference in statements, a value as long as AWS's will be.
    """

    provider: AwsProvider
    name: str
    path: str
    slot: str
    description: str
    service: Literal["codebuild", "codepipeline"]
    account_id: str
    source_arn: str
    statements: _Statements
    boundary_arn: str
    attached: Mapping[str, _Statements] = field(default_factory=dict[str, _Statements])
    resolved: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class BuildRoleOutputs:
    """The role's ARN, and the policy without which it has not all its rights yet."""

    arn: str
    policy: ITerraformDependable


class BuildRole(Module):
    """A role that one project or pipeline of this account takes on, and nobody else.

    Sources: cross-service-confused-deputy-prevention.html below both
    docs.aws.amazon.com/codebuild/latest/userguide and
    docs.aws.amazon.com/codepipeline/latest/userguide.
    """

    def __init__(self, scope: Construct, id_: str, inputs: BuildRoleInputs) -> None:
        _refuse_longer("statements", inputs, inputs.statements, LONGEST_INLINE)
        for name, statements in inputs.attached.items():
            _refuse_longer(f"attached[{name!r}]", inputs, statements, LONGEST_MANAGED)
        super().__init__(scope, id_)
        self._inputs = inputs
        self._role = self.flat(
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
        attached = [self._attached(*each) for each in inputs.attached.items()]
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=inputs.slot,
                role=self._role.name,
                policy=policy_document(inputs.statements),
                depends_on=attached or None,
            ),
            inputs.slot,
        )
        self.outputs = BuildRoleOutputs(arn=self._role.arn, policy=policy)

    def _attached(self, what: str, statements: _Statements) -> ITerraformDependable:
        inputs, slot = self._inputs, f"{self._inputs.slot}_{what.replace('-', '_')}"
        policy = self.flat(
            IamPolicy(
                self,
                f"policy_{what}",
                provider=inputs.provider,
                name=f"{inputs.name}-{what}",
                path=inputs.path,
                description=f"{inputs.description}: {what}",
                policy=policy_document(statements),
            ),
            slot,
        )
        return self.flat(
            IamRolePolicyAttachment(
                self,
                f"attachment_{what}",
                provider=inputs.provider,
                role=self._role.name,
                policy_arn=policy.arn,
            ),
            slot,
        )


def _refuse_longer(what: str, inputs: BuildRoleInputs, statements: _Statements, limit: int) -> None:
    length = length_of(statements, inputs.resolved)
    expected = (
        f"statements of at most {limit} characters: a shorter project, environment or"
        " state.bucket_prefix makes them shorter, or fewer regions"
    )
    refuse_unless(length <= limit, BuildRole, what, length, expected)


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

"""The role of a pipeline, or of one of its builds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """Who takes the role on and for what (`source_arn`), and what caps it.

    `slot` is the logical id of the role and of the policy in it. `attached` names policies beside
    it, where one would be longer than IAM takes; these a person alone changes (ADR 0020).
    """

    provider: AwsProvider
    name: str
    path: str
    slot: str
    description: str
    service: Literal["codebuild", "codepipeline"]
    account_id: str
    source_arn: str
    boundary_arn: str
    attached: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class BuildRoleOutputs:
    """The role's ARN, and the policy without which it does not have all its permissions yet."""

    arn: str
    policy: ITerraformDependable


class BuildRole(Module):
    """A role that one project or pipeline of this account takes on, and nobody else.

    It may do nothing until `grant` is called. Sources:
    cross-service-confused-deputy-prevention.html below both
    docs.aws.amazon.com/codebuild/latest/userguide and
    docs.aws.amazon.com/codepipeline/latest/userguide.
    """

    def __init__(self, scope: Construct, id_: str, inputs: BuildRoleInputs) -> None:
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
        self._attached: dict[str, IamPolicy] = {}
        attachments = [self._attach(each) for each in inputs.attached]
        self._policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=inputs.slot,
                role=self._role.name,
                policy=policy_document(()),
                depends_on=attachments or None,
            ),
            inputs.slot,
        )
        self.outputs = BuildRoleOutputs(arn=self._role.arn, policy=self._policy)

    def grant(
        self,
        statements: _Statements,
        attached: Mapping[str, _Statements],
        resolved: Mapping[str, str],
    ) -> None:
        """Write what the role may do; raises InputError for more than IAM takes.

        `attached` is what the policies beside it allow, by their names. `resolved` has, for each
        reference in statements, a value as long as AWS's will be.
        """
        _refuse_longer("statements", length_of(statements, resolved), LONGEST_INLINE)
        self._policy.policy = policy_document(statements)
        for name, each in attached.items():
            _refuse_longer(f"attached[{name!r}]", length_of(each, resolved), LONGEST_MANAGED)
            self._attached[name].policy = policy_document(each)

    def _attach(self, what: str) -> ITerraformDependable:
        inputs, slot = self._inputs, f"{self._inputs.slot}_{what.replace('-', '_')}"
        policy = self.flat(
            IamPolicy(
                self,
                f"policy_{what}",
                provider=inputs.provider,
                name=f"{inputs.name}-{what}",
                path=inputs.path,
                description=f"{inputs.description}: {what}",
                policy=policy_document(()),
            ),
            slot,
        )
        self._attached[what] = policy
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


def _refuse_longer(what: str, length: int, limit: int) -> None:
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

"""The IAM role of a pipeline, or of one of its builds."""

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

from modules.inputs import require
from modules.module import Module
from modules.permissions_boundary import MAX_MANAGED_POLICY_LENGTH
from modules.policy_document import policy_document, policy_length, trust

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: inline policies of a role
MAX_INLINE_POLICY_LENGTH: Final = 10_240

_Statements = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class BuildRoleInputs:
    """The role's name and path, the service and resource that assume it, and its boundary.

    `slot` is the logical id of the role and of its inline policy; `source_arn` is the pipeline or
    project that assumes the role. `attached` names managed policies for statements that do not fit
    into the inline policy; only a person can change them (ADR 0020).
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
    """The role's ARN, and its inline policy, for dependents that need the permissions."""

    arn: str
    policy: ITerraformDependable


class BuildRole(Module):
    """A role that only one project or pipeline of this account can assume.

    Creates the role, its inline policy, and the managed policies in `attached` with their
    attachments. The policies are empty until `grant` is called. Sources:
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
                assume_role_policy=policy_document(
                    [trust(inputs.service, inputs.account_id, inputs.source_arn)]
                ),
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
        """Set the statements of the role's policies.

        `attached` has the statements of the managed policies by name; `resolved` maps each
        Terraform reference in statements to a value of the length that AWS's will have. Raises
        InputError for a policy longer than IAM's quota.
        """
        _refuse_longer("statements", policy_length(statements, resolved), MAX_INLINE_POLICY_LENGTH)
        self._policy.policy = policy_document(statements)
        for name, managed in attached.items():
            _refuse_longer(
                f"attached[{name!r}]", policy_length(managed, resolved), MAX_MANAGED_POLICY_LENGTH
            )
            self._attached[name].policy = policy_document(managed)

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
    require(length <= limit, BuildRole, what, length, expected)

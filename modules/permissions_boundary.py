"""A permissions boundary: a managed policy that limits what roles can do and grants nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.policy_document import policy_document, policy_length

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: a managed policy's characters
MAX_MANAGED_POLICY_LENGTH: Final = 6144


@dataclass(frozen=True, kw_only=True)
class PermissionsBoundaryInputs:
    """The policy's name, path and description; `slot` is the logical id."""

    provider: AwsProvider
    name: str
    path: str
    slot: str
    description: str


@dataclass(frozen=True, kw_only=True)
class PermissionsBoundaryOutputs:
    """The policy's ARN, for the roles that it limits."""

    arn: str


class PermissionsBoundary(Module):
    """A customer managed policy to use as a permissions boundary; empty until `write` is called.

    docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: PermissionsBoundaryInputs) -> None:
        super().__init__(scope, id_)
        self._policy = self.flat(
            IamPolicy(
                self,
                "boundary",
                provider=inputs.provider,
                name=inputs.name,
                path=inputs.path,
                description=inputs.description,
                policy=policy_document(()),
            ),
            inputs.slot,
        )
        self.outputs = PermissionsBoundaryOutputs(arn=self._policy.arn)

    def write(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Set the policy's statements; raises InputError if they are longer than IAM's quota."""
        length = policy_length(statements)
        expected = (
            f"statements of at most {MAX_MANAGED_POLICY_LENGTH} characters: a shorter project,"
            " environment, domain or state.bucket_prefix makes them shorter, or fewer regions"
        )
        require(
            length <= MAX_MANAGED_POLICY_LENGTH, PermissionsBoundary, "statements", length, expected
        )
        self._policy.policy = policy_document(statements)

"""A boundary: a policy that grants nothing, and caps the roles that have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.inputs import refuse_unless
from modules.module import Module
from modules.policy_document import length_of, policy_document

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: a managed policy's characters
LONGEST_MANAGED: Final = 6144


@dataclass(frozen=True, kw_only=True)
class PermissionsBoundaryInputs:
    """Its name below `path`, and its logical id (`slot`)."""

    provider: AwsProvider
    name: str
    path: str
    slot: str
    description: str


@dataclass(frozen=True, kw_only=True)
class PermissionsBoundaryOutputs:
    """The ARN, for the roles that it caps."""

    arn: str


class PermissionsBoundary(Module):
    """A customer managed policy, as a boundary must be one; it is empty until `write` is called.

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
        """Write what it allows and denies; raises InputError for more than IAM takes."""
        length = length_of(statements)
        expected = (
            f"statements of at most {LONGEST_MANAGED} characters: a shorter project, environment,"
            " domain or state.bucket_prefix makes them shorter, or fewer regions"
        )
        refuse_unless(
            length <= LONGEST_MANAGED, PermissionsBoundary, "statements", length, expected
        )
        self._policy.policy = policy_document(statements)

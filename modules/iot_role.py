"""An IAM role that AWS IoT assumes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.policy_document import policy_document, trust


@dataclass(frozen=True, kw_only=True)
class IotRoleInputs:
    """The role's name, the AWS IoT resource on whose behalf it is assumed, and its permissions.

    `source` is the last part of that resource's ARN, such as `rule/name`, and can have wildcards.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    logical_id: str
    name: str
    policy_name: str
    source: str
    statements: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class IotRoleOutputs:
    """The role's ARN, and its policy, for dependents that need the permissions."""

    arn: str
    policy: IamRolePolicy


class IotRole(Module):
    """A role that only AWS IoT can assume, for resources of this account that match `source`.

    docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: IotRoleInputs) -> None:
        super().__init__(scope, id_)
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.name,
                assume_role_policy=policy_document([_trust(inputs)]),
                permissions_boundary=inputs.context.function_boundary_arn,
            ),
            inputs.logical_id,
        )
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=inputs.policy_name,
                role=role.name,
                policy=policy_document(inputs.statements),
            ),
            inputs.logical_id,
        )
        self.outputs = IotRoleOutputs(arn=role.arn, policy=policy)


def _trust(inputs: IotRoleInputs) -> dict[str, object]:
    place = f"{inputs.context.region}:{inputs.account_id}"
    matches = "ArnLike" if "*" in inputs.source else "ArnEquals"
    return trust("iot", inputs.account_id, f"arn:aws:iot:{place}:{inputs.source}", matches)

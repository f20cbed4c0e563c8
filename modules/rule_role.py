"""The role by which rules of AWS IoT write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.policy_document import policy_document


@dataclass(frozen=True, kw_only=True)
class RuleRoleInputs:
    """The role's name, which rules of the account and region take it, and what they may do.

    `rules` is the name of one, or with `*` at its end what the names of all begin with; `slot` is
    what the logical ids begin with.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    rules: str
    statements: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class RuleRoleOutputs:
    """The role's ARN, and its policy, for which a rule has to wait."""

    arn: str
    policy: IamRolePolicy


class RuleRole(Module):
    """A role that no other rule can take, be it of another account.

    docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
    """

    def __init__(self, scope: Construct, id_: str, inputs: RuleRoleInputs) -> None:
        super().__init__(scope, id_)
        what = "rules" if "*" in inputs.rules else "rule"
        logical_id = f"{inputs.slot}_{what}"
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.name,
                assume_role_policy=policy_document([_trust(inputs)]),
                permissions_boundary=inputs.context.function_boundary_arn,
            ),
            logical_id,
        )
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=what,
                role=role.name,
                policy=policy_document(inputs.statements),
            ),
            logical_id,
        )
        self.outputs = RuleRoleOutputs(arn=role.arn, policy=policy)


def _trust(inputs: RuleRoleInputs) -> dict[str, object]:
    place, rules = f"{inputs.context.region}:{inputs.account_id}", inputs.rules
    matches = "ArnLike" if "*" in rules else "ArnEquals"
    return {
        "Effect": "Allow",
        "Principal": {"Service": "iot.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": inputs.account_id},
            matches: {"aws:SourceArn": f"arn:aws:iot:{place}:rule/{rules}"},
        },
    }

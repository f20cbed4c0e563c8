"""The role with which IoT topic rules run their actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.iot_role import IotRole, IotRoleInputs


@dataclass(frozen=True, kw_only=True)
class RuleRoleInputs:
    """The role's name, the rules that use it, and their permissions.

    `rules` is a rule's name, or the prefix of several rules' names followed by `*`. Logical ids
    begin with `slot`.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    slot: str
    name: str
    rules: str
    statements: Sequence[Mapping[str, Any]]


class RuleRole(IotRole):
    """A role that only the given topic rules of this account and region can use."""

    def __init__(self, scope: Construct, id_: str, inputs: RuleRoleInputs) -> None:
        what = "rules" if "*" in inputs.rules else "rule"
        role = IotRoleInputs(
            provider=inputs.provider,
            context=inputs.context,
            account_id=inputs.account_id,
            logical_id=f"{inputs.slot}_{what}",
            name=inputs.name,
            policy_name=what,
            source=f"rule/{inputs.rules}",
            statements=inputs.statements,
        )
        super().__init__(scope, id_, role)

"""The role by which rules of AWS IoT write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.iot_role import IotRole, IotRoleInputs


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


class RuleRole(IotRole):
    """A role that no other rule can take, be it of another account."""

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

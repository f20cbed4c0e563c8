"""Makes the primary's canary fail, and undoes that, through AWS's APIs only."""

import json
from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RequestRefusedError
from stacks.stack_context import stack_context

POLICY: Final = "iot-dr-acceptance"
"""The name of the inline policy that denies publishing."""

# IAM has one control plane, in this region:
# docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html
_IAM_REGION: Final = "us-east-1"
_DENY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Acceptance", "Effect": "Deny", "Action": "iot:Publish", "Resource": "*"}
    ],
}


@dataclass(frozen=True)
class Fault:
    """Denies `iot:Publish` to the primary's canary and to the watcher.

    Both then see what devices see of a broker that refuses: the deep check fails and, if a failover
    is latched, the watcher sets the switch (ADR 0014). An explicit Deny overrides every Allow
    (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), and
    Terraform does not manage an inline policy of this name, so that no plan shows it. Devices are
    not affected. Methods raise AwsError.
    """

    settings: Settings
    clients: Clients

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that are denied to publish."""
        own, primary = self.settings, self.settings.primary_region
        canary = stack_context(own, primary).name(f"canary-{primary}")
        if own.recovery.fail_back != "latched":
            return (canary,)
        keeper = own.keeper(primary)
        return canary, stack_context(own, keeper).name(f"watcher-{keeper}")

    def make(self) -> None:
        """Create the policies."""
        document = json.dumps(_DENY)
        for role in self.roles:
            self.clients.call(
                "iam", _IAM_REGION, "put_role_policy",
                RoleName=role, PolicyName=POLICY, PolicyDocument=document,
            )  # fmt: skip

    def undo(self) -> None:
        """Delete the policies, where they exist."""
        for role in self.roles:
            try:
                self.clients.call(
                    "iam", _IAM_REGION, "delete_role_policy", RoleName=role, PolicyName=POLICY
                )
            except RequestRefusedError as error:
                if error.code != "NoSuchEntity":
                    raise

    def undo_by_hand(self) -> tuple[str, ...]:
        """Return the commands of the AWS CLI that undo it."""
        return tuple(
            f"aws iam delete-role-policy --role-name {role} --policy-name {POLICY}"
            for role in self.roles
        )

"""A fault that lets the primary's canary fail, made only with AWS APIs."""

import json
from dataclasses import dataclass
from typing import Final

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RequestRefusedError
from modules.global_region import GLOBAL_REGION
from modules.policy_document import VERSION
from modules.watcher_calls import PUBLISH
from stacks.stack_context import stack_context

POLICY: Final = "iot-dr-acceptance"
"""The name of the inline policy that denies publishing."""

_DENY: Final = {
    "Version": VERSION,
    "Statement": [{"Sid": "Acceptance", "Effect": "Deny", "Action": PUBLISH, "Resource": "*"}],
}


@dataclass(frozen=True)
class PublishFault:
    """Denies `iot:Publish` to the primary's canary and to the watcher.

    This looks like a broker that refuses: the deep check fails and, with latched fail-back, the
    watcher sets the switch (ADR 0014). An explicit Deny overrides every Allow
    (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Terraform
    does not manage the inline policy, so no plan shows it. Devices are not affected. Methods raise
    AwsError.
    """

    settings: Settings
    clients: Clients

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that are denied publishing."""
        own, primary = self.settings, self.settings.primary_region
        canary = stack_context(own, primary).name(f"canary-{primary}")
        if own.recovery.fail_back != "latched":
            return (canary,)
        standby = own.standbys[0]
        return canary, stack_context(own, standby).name(f"watcher-{standby}")

    def create(self) -> None:
        """Add the inline policy that denies publishing to each role."""
        document = json.dumps(_DENY)
        for role in self.roles:
            self.clients.call(
                "iam", GLOBAL_REGION, "put_role_policy",
                RoleName=role, PolicyName=POLICY, PolicyDocument=document,
            )  # fmt: skip

    def undo(self) -> None:
        """Delete the inline policy from each role that has it."""
        for role in self.roles:
            try:
                self.clients.call(
                    "iam", GLOBAL_REGION, "delete_role_policy", RoleName=role, PolicyName=POLICY
                )
            except RequestRefusedError as error:
                if error.code != "NoSuchEntity":
                    raise

    def undo_commands(self) -> tuple[str, ...]:
        """Return the AWS CLI commands that undo the fault."""
        return tuple(
            f"aws iam delete-role-policy --role-name {role} --policy-name {POLICY}"
            for role in self.roles
        )

"""What a trail tells of calls that changed a region's certificates and policies."""

import json
from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.module import Module
from modules.queue import QueueOutputs

_SLOT: Final = "registry_calls"
CALLS: Final = (
    *("AttachPolicy", "AttachPrincipalPolicy", "AttachThingPrincipal"),
    *("CreateCertificateFromCsr", "CreateKeysAndCertificate", "CreatePolicy"),
    *("CreatePolicyVersion", "DeleteCACertificate", "DeleteCertificate", "DeletePolicy"),
    *("DeletePolicyVersion", "DetachPolicy", "DetachPrincipalPolicy", "DetachThingPrincipal"),
    *("RegisterCACertificate", "RegisterCertificate", "RegisterCertificateWithoutCA"),
    *("SetDefaultPolicyVersion", "UpdateCACertificate", "UpdateCertificate"),
)
"""The calls that the function knows which captures (`functions/registry_capture/trail.py`)."""


def calls_rule_name(context: Context) -> str:
    """Name the rule, which the queues' policies let in."""
    return context.name("registry-calls")


@dataclass(frozen=True, kw_only=True)
class RegistryCallsInputs:
    """The queue for what has changed, and the one for what does not get there."""

    provider: AwsProvider
    context: Context
    changes: QueueOutputs
    lost: QueueOutputs


class RegistryCalls(Module):
    """A rule of EventBridge on calls to IoT Core that went through.

    It tries for a day to reach the queue, and then leaves the event in the other one:
    docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryCallsInputs) -> None:
        super().__init__(scope, id_)
        rule = self.flat(
            CloudwatchEventRule(
                self,
                "rule",
                provider=inputs.provider,
                name=calls_rule_name(inputs.context),
                description="Tells of calls that changed certificates and policies",
                event_pattern=json.dumps(_pattern()),
            ),
            _SLOT,
        )
        self.flat(
            CloudwatchEventTarget(
                self,
                "target",
                provider=inputs.provider,
                rule=rule.name,
                target_id="changes",
                arn=inputs.changes.arn,
                dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=inputs.lost.arn),
            ),
            _SLOT,
        )


def _pattern() -> dict[str, object]:
    return {
        "source": ["aws.iot"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["iot.amazonaws.com"],
            "eventName": list(CALLS),
            "errorCode": [{"exists": False}],
        },
    }

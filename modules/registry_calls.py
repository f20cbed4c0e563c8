"""CloudTrail events of API calls that changed a region's certificates and policies."""

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
from modules.json_text import compact_json
from modules.module import Module
from modules.queue import QueueOutputs
from modules.registry_sources import CALL_EVENT, CALLS

_SLOT: Final = "registry_calls"


def calls_rule_name(context: Context) -> str:
    """Return the rule's name, which the policies of the queues need."""
    return context.name("registry-calls")


@dataclass(frozen=True, kw_only=True)
class RegistryCallsInputs:
    """The queue of changes, and the dead-letter queue of the rule."""

    provider: AwsProvider
    context: Context
    changes: QueueOutputs
    dead_letter_queue: QueueOutputs


class RegistryCalls(Module):
    """An EventBridge rule that sends successful calls to IoT Core to the queue of changes.

    EventBridge retries for a day, and then sends the event to the dead-letter queue:
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
                # prose: allow tells - it is stored in AWS
                description="Tells of calls that changed certificates and policies",
                event_pattern=compact_json(_pattern()),
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
                dead_letter_config=CloudwatchEventTargetDeadLetterConfig(
                    arn=inputs.dead_letter_queue.arn
                ),
            ),
            _SLOT,
        )


def _pattern() -> dict[str, object]:
    return {
        "source": [CALL_EVENT["source"]],
        "detail-type": [CALL_EVENT["detail-type"]],
        "detail": {
            "eventSource": [CALL_EVENT["eventSource"]],
            "eventName": list(CALLS),
            "errorCode": [{"exists": False}],
        },
    }

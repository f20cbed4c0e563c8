"""An encrypted SQS queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from modules.json_text import compact_json
from modules.module import Module
from modules.policy_document import allow, policy_document, tls_only
from modules.queue_limits import RETENTION


@dataclass(frozen=True)
class RedrivePolicy:
    """The ARN of a dead-letter queue, and the receives after which a message moves there."""

    queue_arn: str
    max_receive_count: int


@dataclass(frozen=True, kw_only=True)
class QueueInputs:
    """The queue's name, region and account; `slot` is the logical id.

    `rule_names` are EventBridge rules in the same region that may send messages; senders with a
    role need no entry. `visibility_timeout` is in seconds (for a Lambda consumer, see
    `modules.queue_limits.Consumption`).
    """

    provider: AwsProvider
    slot: str
    name: str
    region: str
    account_id: str
    visibility_timeout: int = 30
    redrive: RedrivePolicy | None = None
    rule_names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class QueueOutputs:
    """The queue's name, ARN and URL."""

    name: str
    arn: str
    url: str


class Queue(Module):
    """An encrypted SQS queue with a retention of 14 days that denies requests without TLS.

    Queues use SSE-SQS: EventBridge cannot use the KMS key that AWS manages for SQS, and the policy
    of a customer managed key would need a statement for each service that sends. Sources:
    docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
    docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: QueueInputs) -> None:
        super().__init__(scope, id_)
        redrive = inputs.redrive
        queue = self.flat(
            SqsQueue(
                self,
                "queue",
                provider=inputs.provider,
                name=inputs.name,
                message_retention_seconds=RETENTION,
                visibility_timeout_seconds=inputs.visibility_timeout,
                sqs_managed_sse_enabled=True,
                policy=_policy(inputs),
                redrive_policy=_redrive_policy(redrive) if redrive else None,
            ),
            inputs.slot,
        )
        self.outputs = QueueOutputs(name=queue.name, arn=queue.arn, url=queue.url)


def queue_arn(region: str, account_id: str, name: str) -> str:
    """Return the ARN of a queue."""
    return f"arn:aws:sqs:{region}:{account_id}:{name}"


def _redrive_policy(redrive: RedrivePolicy) -> str:
    return compact_json(
        {"deadLetterTargetArn": redrive.queue_arn, "maxReceiveCount": redrive.max_receive_count}
    )


def _policy(inputs: QueueInputs) -> str:
    place = f"{inputs.region}:{inputs.account_id}"
    arn = queue_arn(inputs.region, inputs.account_id, inputs.name)
    statements: list[dict[str, Any]] = [tls_only("sqs:*", arn)]
    if inputs.rule_names:
        rules = [f"arn:aws:events:{place}:rule/{name}" for name in inputs.rule_names]
        # No condition on the account, which is in the ARN. AWS's example:
        # docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        sending = allow(
            "RulesSend",
            "sqs:SendMessage",
            arn,
            {"ArnEquals": {"aws:SourceArn": rules}},
            principal={"Service": "events.amazonaws.com"},
        )
        statements.insert(0, sending)
    return policy_document(statements)

"""A queue for what is to be done, or for what could not be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from modules.module import Module
from modules.policy_document import policy_document, tls_only

# SQS keeps messages for two weeks at the longest, and who looks into a queue may be on holiday.
_RETENTION = 14 * 86_400


@dataclass(frozen=True)
class Redrive:
    """The ARN of the queue that a message goes to after `attempts` receipts without success."""

    queue_arn: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class QueueInputs:
    """The queue's name, and the region and account that it is in.

    `slot` is its logical id. `rule_names` are rules of EventBridge in the same region that may
    send to it; whoever sends by a role needs no word here. `visibility` is the seconds for which a
    message that was received is hidden: six times the timeout of a function that reads it.
    """

    provider: AwsProvider
    slot: str
    name: str
    region: str
    account_id: str
    visibility: int = 30
    redrive: Redrive | None = None
    rule_names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class QueueOutputs:
    """The queue's name, ARN and URL."""

    name: str
    arn: str
    url: str


class Queue(Module):
    """An SQS queue that keeps messages for 14 days, encrypted, and answers over TLS alone.

    Encrypted with the keys of SQS itself: EventBridge cannot use the KMS key that AWS manages for
    SQS, and one of our own would need a word for each service that sends. Sources:
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
                message_retention_seconds=_RETENTION,
                visibility_timeout_seconds=inputs.visibility,
                sqs_managed_sse_enabled=True,
                policy=_policy(inputs),
                redrive_policy=_redrive_policy(redrive) if redrive else None,
            ),
            inputs.slot,
        )
        self.outputs = QueueOutputs(name=queue.name, arn=queue.arn, url=queue.url)


def queue_arn(region: str, account_id: str, name: str) -> str:
    """Give a queue's ARN by its name."""
    return f"arn:aws:sqs:{region}:{account_id}:{name}"


def _redrive_policy(redrive: Redrive) -> str:
    return json.dumps(
        {"deadLetterTargetArn": redrive.queue_arn, "maxReceiveCount": redrive.attempts}
    )


def _policy(inputs: QueueInputs) -> str:
    place = f"{inputs.region}:{inputs.account_id}"
    arn = queue_arn(inputs.region, inputs.account_id, inputs.name)
    statements: list[dict[str, Any]] = [tls_only("sqs:*", arn)]
    if inputs.rule_names:
        rules = [f"arn:aws:events:{place}:rule/{name}" for name in inputs.rule_names]
        sending = {
            "Sid": "RulesSend",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            # The ARN names the account. As AWS has it for queues:
            # docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
            "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
        }
        statements.insert(0, sending)
    return policy_document(statements)

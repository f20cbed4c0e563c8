"""The alarm on a queue that should be empty."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs
from modules.module import Module
from modules.queue import QueueOutputs


@dataclass(frozen=True, kw_only=True)
class QueueAlarmInputs:
    """The queue, the topic, and the alarm's name and description; `slot` is the logical id."""

    provider: AwsProvider
    slot: str
    name: str
    description: str
    queue: QueueOutputs
    topic_arn: str


class QueueAlarm(Module):
    """An alarm that goes off while the queue has a visible message.

    Periods without data count as OK, since SQS stops publishing metrics of a queue that has been
    inactive for six hours:
    docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: QueueAlarmInputs) -> None:
        super().__init__(scope, id_)
        Alarm(
            self,
            "alarm",
            AlarmInputs(
                provider=inputs.provider,
                slot=inputs.slot,
                name=inputs.name,
                description=inputs.description,
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": inputs.queue.name},
                statistic="Maximum",
                threshold=1,
                period=300,
                evaluation_periods=1,
                treat_missing_data="notBreaching",
                topic_arn=inputs.topic_arn,
            ),
        )

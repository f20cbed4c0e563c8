"""What takes in the messages of a region's devices, and keeps the last state of each."""

from constructs import Construct

from environments.settings import Settings
from modules.alarm import alarm_name
from modules.alarm_topic import region_topic_arn
from modules.queue import Queue, QueueInputs, QueueOutputs
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.stream_delays import LONGEST_AGE
from modules.telemetry_stream import (
    TelemetryStream,
    TelemetryStreamInputs,
    TelemetryStreamOutputs,
)
from modules.telemetry_writer import TelemetryWriter, TelemetryWriterInputs
from modules.topic_rule import TopicRule, TopicRuleInputs
from stacks.base_stack import BaseStack
from stacks.device_data import device_data, state_table, table_arn
from stacks.graph import StackNode

_HOUR = 3600


class TelemetryStack(BaseStack):
    """Topic rule, stream, function: from a message of a device to its state in the table.

    It reads no state and looks nothing up: of the table and of the topic of the region's alarms it
    knows the names. So it plans with every other region gone, and goes beside the stack that makes
    that topic, which a read of its hand-over would keep apart.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        self._aws = self.provider(node.region)
        self._topic_arn = region_topic_arn(self.context, settings.account_id)
        hours = device_data(settings).stream_hours
        inputs = TelemetryStreamInputs(
            provider=self._aws, name=self.context.name("telemetry"), hours=hours
        )
        stream = TelemetryStream(self, "stream", inputs).outputs
        lost = self._queue("lost", "The topic rule could not pass on what devices have sent")
        failed = self._queue("failed", "Some of what devices have sent could not be written")
        self._rule(stream, lost)
        # Lambda tries no longer than a week, however long the stream keeps a record.
        self._writer(stream, failed, longest=min(hours * _HOUR, LONGEST_AGE))
        self.hand_over("stream_name", stream.name, "Stream of what devices send to this region")
        self.hand_over("failed_queue_url", failed.url, "Queue of what could not be written")
        self.hand_over("lost_queue_url", lost.url, "Queue of what did not get into the stream")

    def _queue(self, what: str, description: str) -> QueueOutputs:
        slot = f"telemetry_{what}"
        queue = Queue(
            self,
            slot,
            QueueInputs(
                provider=self._aws,
                slot=slot,
                name=self.context.name(f"telemetry-{what}"),
                region=self.context.region,
                account_id=self.settings.account_id,
            ),
        ).outputs
        inputs = QueueAlarmInputs(
            provider=self._aws,
            slot=slot,
            name=alarm_name(self.context, f"telemetry-{what}"),
            description=f"{description}: look into the queue.",
            queue=queue,
            topic_arn=self._topic_arn,
        )
        QueueAlarm(self, f"{slot}_alarm", inputs)
        return queue

    def _rule(self, stream: TelemetryStreamOutputs, lost: QueueOutputs) -> None:
        topics = f"iot-{self.settings.environment}/+/up/#"
        inputs = TopicRuleInputs(
            provider=self._aws,
            context=self.context,
            account_id=self.settings.account_id,
            slot="telemetry",
            name=self.context.name("telemetry"),
            role_name=self.context.name(f"telemetry-rule-{self.context.region}"),
            description=f"Takes {topics} into the stream",
            # The payload goes as it came: what is no JSON would end a rule that looks into it.
            sql="SELECT encode(*, 'base64') AS payload, topic(2) AS device,"  # noqa: S608 - see there
            f" timestamp() AS received FROM '{topics}'",
            partition_key="${topic(2)}",
            stream=stream,
            lost=lost,
        )
        TopicRule(self, "rule", inputs)

    def _writer(
        self, stream: TelemetryStreamOutputs, failed: QueueOutputs, *, longest: int
    ) -> None:
        table = state_table(self.context)
        inputs = TelemetryWriterInputs(
            provider=self._aws,
            context=self.context,
            stream=stream,
            table=table,
            table_arn=table_arn(self.context, self.settings.account_id, table),
            failed=failed,
            longest=longest,
            topic_arn=self._topic_arn,
        )
        TelemetryWriter(self, "writer", inputs)

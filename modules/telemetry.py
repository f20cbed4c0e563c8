"""The path of device messages in a region, from topic to table."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import alarm_name
from modules.context import Context
from modules.number import Number, at_most
from modules.queue import Queue, QueueInputs, QueueOutputs
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.registry_sources import TELEMETRY_FIELDS, TELEMETRY_TOPIC, telemetry_topics
from modules.stream_delays import MAXIMUM_RECORD_AGE
from modules.telemetry_stream import (
    TelemetryStream,
    TelemetryStreamInputs,
    TelemetryStreamOutputs,
)
from modules.telemetry_writer import TelemetryWriter, TelemetryWriterInputs
from modules.topic_rule import TopicRule, TopicRuleInputs


@dataclass(frozen=True, kw_only=True)
class TelemetryInputs:
    """The stream's retention and shards, the table of states, and the alarm topic.

    `shard_count` is None for an on-demand stream; `table_arn` is the ARN of this region's replica.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    retention_hours: Number
    shard_count: Number | None
    table: str
    table_arn: str
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class TelemetryOutputs:
    """The stream, the queue of records that were not written, and that of messages not streamed."""

    stream: TelemetryStreamOutputs
    failed: QueueOutputs
    lost: QueueOutputs


class Telemetry:
    """A topic rule, a stream, a function that writes each device's last state, and their queues."""

    def __init__(self, scope: Construct, inputs: TelemetryInputs) -> None:
        self._scope, self._inputs = scope, inputs
        stream = TelemetryStream(
            scope,
            "stream",
            TelemetryStreamInputs(
                provider=inputs.provider,
                name=inputs.context.name("telemetry"),
                retention_hours=inputs.retention_hours,
                shard_count=inputs.shard_count,
            ),
        ).outputs
        lost = self._queue("lost", "The topic rule could not pass on what devices have sent")
        failed = self._queue("failed", "Some of what devices have sent could not be written")
        self._rule(stream, lost)
        self._writer(stream, failed)
        self.outputs = TelemetryOutputs(stream=stream, failed=failed, lost=lost)

    def _queue(self, what: str, description: str) -> QueueOutputs:
        inputs, slot = self._inputs, f"telemetry_{what}"
        queue = Queue(
            self._scope,
            slot,
            QueueInputs(
                provider=inputs.provider,
                slot=slot,
                name=inputs.context.name(f"telemetry-{what}"),
                region=inputs.context.region,
                account_id=inputs.account_id,
            ),
        ).outputs
        alarm = QueueAlarmInputs(
            provider=inputs.provider,
            slot=slot,
            name=alarm_name(inputs.context, f"telemetry-{what}"),
            description=f"{description}: look into the queue.",
            queue=queue,
            topic_arn=inputs.topic_arn,
        )
        QueueAlarm(self._scope, f"{slot}_alarm", alarm)
        return queue

    def _rule(self, stream: TelemetryStreamOutputs, lost: QueueOutputs) -> None:
        inputs, context = self._inputs, self._inputs.context
        topics = telemetry_topics(context.environment)
        fields = ", ".join((*TELEMETRY_FIELDS, TELEMETRY_TOPIC))
        rule = TopicRuleInputs(
            provider=inputs.provider,
            context=context,
            account_id=inputs.account_id,
            slot="telemetry",
            name=context.rule_name("telemetry"),
            role_name=context.name(f"telemetry-rule-{context.region}"),
            description=f"Takes {topics} into the stream",
            # Encoded, since a rule that parses its payload fails for one that is not JSON.
            sql=f"SELECT {fields} FROM '{topics}'",  # noqa: S608 - IoT SQL
            partition_key="${topic(2)}",
            stream=stream,
            error_queue=lost,
        )
        TopicRule(self._scope, "rule", rule)

    def _writer(self, stream: TelemetryStreamOutputs, failed: QueueOutputs) -> None:
        inputs = self._inputs
        writer = TelemetryWriterInputs(
            provider=inputs.provider,
            context=inputs.context,
            stream=stream,
            table=inputs.table,
            table_arn=inputs.table_arn,
            failed=failed,
            # The maximum record age is a week, even if the stream keeps records longer.
            maximum_record_age=at_most(inputs.retention_hours * 3600, MAXIMUM_RECORD_AGE),
            topic_arn=inputs.topic_arn,
        )
        TelemetryWriter(self._scope, "writer", writer)

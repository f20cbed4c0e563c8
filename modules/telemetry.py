"""The path of device messages in a region, from topic to table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from functions.contract import TelemetryVariable
from modules.alarm import alarm_name
from modules.context import Context
from modules.function import Function, FunctionInputs, FunctionOutputs
from modules.module import Module
from modules.number import Number, at_most
from modules.policy_document import allow
from modules.queue import Queue, QueueInputs, QueueOutputs
from modules.queue_alarm import QueueAlarm, QueueAlarmInputs
from modules.registry_sources import TELEMETRY_FIELDS, TELEMETRY_TOPIC, telemetry_topics
from modules.stream_alarm import StreamAlarm, StreamAlarmInputs
from modules.stream_consumer import StreamConsumer, StreamConsumerInputs
from modules.stream_delays import MAXIMUM_RECORD_AGE, TELEMETRY_WINDOW
from modules.telemetry_stream import (
    TelemetryStream,
    TelemetryStreamInputs,
    TelemetryStreamOutputs,
)
from modules.topic_rule import TopicRule, TopicRuleInputs

_SLOT = "telemetry"
_TIMEOUT, _MEMORY = 60, 512
# A shard accepts 1000 records a second and a write takes a few milliseconds, so ten concurrent
# batches keep up, and keep each device's order. On-demand streams start with four shards; from
# eight on, shards share the reserved concurrency.
_LANES, _CONCURRENCY = 10, 80
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class _TelemetryWriterInputs:
    """The stream to read, the table to write, and the queue of records that cannot be written.

    Lambda retries a record until `maximum_record_age`, in seconds.
    """

    provider: AwsProvider
    context: Context
    stream: TelemetryStreamOutputs
    table: str
    table_arn: str
    failed: QueueOutputs
    maximum_record_age: Number
    topic_arn: str


class _TelemetryWriter(Module):
    """A function that writes states newer than those in the table, and two alarms if it is late.

    Its role may read the stream, write the table and send to the queue; Lambda uses the same role
    for the queue: docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: _TelemetryWriterInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        function = Function(self, "function", _function(inputs)).outputs
        self._consume(function)
        self._alarm_on_delay(function)

    def _consume(self, function: FunctionOutputs) -> None:
        inputs = StreamConsumerInputs(
            provider=self._inputs.provider,
            slot=_SLOT,
            stream_arn=self._inputs.stream.arn,
            function=function,
            failed=self._inputs.failed,
            batch_size=_BATCH,
            batching_window=TELEMETRY_WINDOW,
            parallelization_factor=_LANES,
            maximum_record_age=self._inputs.maximum_record_age,
        )
        StreamConsumer(self, "consumer", inputs)

    def _alarm_on_delay(self, function: FunctionOutputs) -> None:
        inputs, context = self._inputs, self._inputs.context
        late = StreamAlarmInputs(
            provider=inputs.provider,
            slot=f"{_SLOT}_late",
            name=alarm_name(context, "telemetry-late"),
            description=f"States in {context.region} are minutes behind what devices have sent.",
            function=function,
            topic_arn=inputs.topic_arn,
        )
        StreamAlarm(self, "late", late)
        # Kinesis reports nothing of records that expire unread, as in a region that was lost for
        # longer than its stream keeps them: then the first that are delivered have this age.
        expiring = replace(
            late,
            slot=f"{_SLOT}_expiring",
            name=alarm_name(context, "telemetry-expiring"),
            description=f"What devices have sent expires in {context.region} before it is written.",
            age=inputs.maximum_record_age * 9 // 10,
            periods=1,
        )
        StreamAlarm(self, "expiring", expiring)


def _function(inputs: _TelemetryWriterInputs) -> FunctionInputs:
    context = inputs.context
    return FunctionInputs(
        provider=inputs.provider,
        context=context,
        package="telemetry",
        slot=_SLOT,
        name=context.name("telemetry"),
        role_name=context.name(f"telemetry-{context.region}"),
        description=f"Writes the last state of each device into {inputs.table}",
        variables={
            TelemetryVariable.TABLE: inputs.table,
            TelemetryVariable.FAILED_QUEUE: inputs.failed.url,
            TelemetryVariable.ENVIRONMENT: context.environment,
        },
        statements=_statements(inputs),
        timeout=_TIMEOUT,
        memory=_MEMORY,
        reserved_concurrency=_CONCURRENCY,
    )


def _statements(inputs: _TelemetryWriterInputs) -> list[Mapping[str, Any]]:
    return [
        allow(
            "ReadTheStream",
            [
                *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
                *("kinesis:GetShardIterator", "kinesis:ListShards"),
            ],
            inputs.stream.arn,
        ),
        allow("WriteStates", "dynamodb:PutItem", inputs.table_arn),
        # prose: allow tell - it is stored in AWS
        allow("TellWhatFailed", "sqs:SendMessage", inputs.failed.arn),
    ]


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
        writer = _TelemetryWriterInputs(
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
        _TelemetryWriter(self._scope, "writer", writer)

"""The function that writes each device's last state, and its event source mapping."""

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
from modules.number import Number
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.stream_alarm import StreamAlarm, StreamAlarmInputs
from modules.stream_consumer import StreamConsumer, StreamConsumerInputs
from modules.stream_delays import TELEMETRY_WINDOW
from modules.telemetry_stream import TelemetryStreamOutputs

_SLOT = "telemetry"
_TIMEOUT, _MEMORY = 60, 512
# A shard accepts 1000 records a second and a write takes a few milliseconds, so ten concurrent
# batches keep up, and keep each device's order. On-demand streams start with four shards; from
# eight on, shards share the reserved concurrency.
_LANES, _CONCURRENCY = 10, 80
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class TelemetryWriterInputs:
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


class TelemetryWriter(Module):
    """A function that writes states newer than those in the table, and two alarms if it is late.

    Its role may read the stream, write the table and send to the queue; Lambda uses the same role
    for the queue: docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: TelemetryWriterInputs) -> None:
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


def _function(inputs: TelemetryWriterInputs) -> FunctionInputs:
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


def _statements(inputs: TelemetryWriterInputs) -> list[Mapping[str, Any]]:
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

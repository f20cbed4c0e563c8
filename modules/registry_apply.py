"""The function that takes over what changed in the registries of other regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from constructs import Construct

from modules.alarm import alarm_name
from modules.function import FunctionOutputs
from modules.module import Module
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.registry_function import RegistryFunction, RegistryFunctionInputs, RegistryInputs
from modules.registry_queues import APPLY_TIMEOUT
from modules.registry_statements import in_region
from modules.stream_alarm import StreamAlarm, StreamAlarmInputs
from modules.stream_consumer import StreamConsumer, StreamConsumerInputs

_SLOT: Final = "registry_apply"
# Five entities at twenty seconds each, which is what one takes when AWS is slow, go in a run.
_RETRY_BATCH, _RETRY_CONCURRENCY = 5, 5
# A table on demand begins with four partitions, and a stream has a shard for each.
# Five are for what is tried again.
_STREAM_BATCH, _RUNS = 20, 10
# As long as a stream keeps a record:
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html.
_OLDEST_RECORD, _STREAM_ATTEMPTS = 86_400, 100


@dataclass(frozen=True, kw_only=True)
class RegistryApplyInputs:
    """The registry, and the stream of the table's replica in this region."""

    registry: RegistryInputs
    stream_arn: str


class RegistryApply(Module):
    """Reads the rows that other regions write, and what has to be tried again.

    A record that cannot be applied goes to the retry queue, so that no shard waits for it; what
    the function cannot even say so of goes to the parked ones, after 100 attempts or a day.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryApplyInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self.outputs = RegistryFunction(self, "function", _function(inputs)).outputs
        self._follow_rows(self.outputs)
        self._try_again(self.outputs)
        self._tell_delay(self.outputs)

    def _follow_rows(self, function: FunctionOutputs) -> None:
        registry = self._inputs.registry
        inputs = StreamConsumerInputs(
            provider=registry.provider,
            slot=_SLOT,
            stream_arn=self._inputs.stream_arn,
            function=function,
            failed=registry.queues.parked,
            batch=_STREAM_BATCH,
            window=0,
            lanes=registry.parallelization_factor,
            longest=_OLDEST_RECORD,
            attempts=_STREAM_ATTEMPTS,
            pattern=_of_others(registry.context.region),
        )
        StreamConsumer(self, "rows", inputs)

    def _try_again(self, function: FunctionOutputs) -> None:
        registry = self._inputs.registry
        QueueConsumer(
            self,
            "retry",
            QueueConsumerInputs(
                provider=registry.provider,
                slot=f"{_SLOT}_retry",
                queue=registry.queues.retry,
                function=function,
                batch=_RETRY_BATCH,
                window=0,
                concurrency=_RETRY_CONCURRENCY,
                tells_failures=True,
            ),
        )

    def _tell_delay(self, function: FunctionOutputs) -> None:
        registry = self._inputs.registry
        context = registry.context
        inputs = StreamAlarmInputs(
            provider=registry.provider,
            slot="registry_late",
            name=alarm_name(context, "registry-late"),
            description=f"The registry in {context.region} is minutes behind the other regions'.",
            function=function,
            topic_arn=registry.topic_arn,
        )
        StreamAlarm(self, "late", inputs)


def _of_others(region: str) -> dict[str, object]:
    """Leave out a region's own rows, which are most of what it writes.

    docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
    """
    return {"dynamodb": {"Keys": {"region": {"S": [{"anything-but": [region]}]}}}}


def _function(inputs: RegistryApplyInputs) -> RegistryFunctionInputs:
    registry = inputs.registry
    return RegistryFunctionInputs(
        registry=registry,
        what="apply",
        description="Takes over what has changed in other regions' device registries",
        timeout=APPLY_TIMEOUT,
        concurrency=registry.parallelization_factor * _RUNS,
        reads=[registry.queues.retry],
        statements=[
            *registry.statements.writing(
                registry.excluded_policies, registry.excluded_ca_certificates
            ),
            *_statements(inputs),
        ],
    )


def _statements(inputs: RegistryApplyInputs) -> list[Mapping[str, Any]]:
    registry = inputs.registry
    return [
        {
            "Sid": "ReadTheStream",
            "Effect": "Allow",
            "Action": [
                *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
            ],
            "Resource": inputs.stream_arn,
        },
        # Lambda asks for it, and no list is of one stream:
        # docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
        in_region("FindTheStream", ["dynamodb:ListStreams"], registry.context.region),
        {
            "Sid": "TryAgainLater",
            "Effect": "Allow",
            "Action": "sqs:ChangeMessageVisibility",
            "Resource": registry.queues.retry.arn,
        },
    ]

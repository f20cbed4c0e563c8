"""The function that applies changes from the registries of other regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from constructs import Construct

from functions.contract import HELD_BACK, REGION_KEY, RegistryVariable
from modules.alarm import Alarm, alarm_name
from modules.function import FunctionOutputs
from modules.module import Module
from modules.number import Number
from modules.policy_document import allow
from modules.queue import QueueOutputs
from modules.queue_consumer import QueueConsumer, QueueConsumerInputs
from modules.queue_limits import APPLY
from modules.registry_function import (
    RegistryFunction,
    RegistryFunctionInputs,
    RegistryInputs,
    count_alarm,
)
from modules.registry_queues import SHADOW_RUNS
from modules.registry_statements import count_deletions, in_region
from modules.stream_alarm import StreamAlarm, StreamAlarmInputs
from modules.stream_consumer import StreamConsumer, StreamConsumerInputs
from modules.stream_delays import TABLE_STREAM_RETENTION

_SLOT: Final = "registry_apply"
_RETRY_CONCURRENCY = 5
# Concurrency per batch of a shard. An on-demand table starts with four partitions, each with a
# shard of the stream; five are for the queue of shadows, and five for the retry queue.
_STREAM_BATCH, _RUNS = 100, 15
_STREAM_ATTEMPTS = 100


@dataclass(frozen=True, kw_only=True)
class RegistryApplyInputs:
    """The registry, and the ARN of the stream of this region's replica."""

    registry: RegistryInputs
    stream_arn: str


class RegistryApply(Module):
    """A function that consumes other regions' rows from the stream, and two queues.

    It sends shadows from the stream to a queue of their own, which it consumes with a concurrency
    of its own: however many of them change, nothing in the stream waits for more than their
    messages. AWS recommends one reader for the stream of a global table, so there is no second
    event source mapping for them:
    docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-dynamodb-streams.

    The function sends a record that it cannot apply to the retry queue, so that the shard goes on.
    If it cannot do that either, Lambda sends the record's position to the dead-letter queue after
    100 attempts or a day.
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegistryApplyInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self.outputs = RegistryFunction(self, "function", _function(inputs)).outputs
        self._consume_stream(self.outputs)
        registry = inputs.registry
        shadows = registry.parallelization_factor * SHADOW_RUNS
        self._consume("retry", registry.queues.retry, _RETRY_CONCURRENCY)
        self._consume("shadows", registry.queues.apply_shadows, shadows)
        self._alarm_on_delay(self.outputs)
        self._alarm_on_held_back()

    def _consume_stream(self, function: FunctionOutputs) -> None:
        registry = self._inputs.registry
        inputs = StreamConsumerInputs(
            provider=registry.provider,
            slot=_SLOT,
            stream_arn=self._inputs.stream_arn,
            function=function,
            failed=registry.queues.dead_letters,
            batch_size=_STREAM_BATCH,
            batching_window=0,
            parallelization_factor=registry.parallelization_factor,
            maximum_record_age=TABLE_STREAM_RETENTION,
            maximum_retry_attempts=_STREAM_ATTEMPTS,
            filter_pattern=_of_others(registry.context.region),
        )
        StreamConsumer(self, "rows", inputs)

    def _consume(self, what: str, queue: QueueOutputs, concurrency: Number) -> None:
        registry = self._inputs.registry
        QueueConsumer(
            self,
            what,
            QueueConsumerInputs(
                provider=registry.provider,
                slot=f"{_SLOT}_{what}",
                queue=queue,
                function=self.outputs,
                batch_size=APPLY.batch_size,
                batching_window=APPLY.window,
                maximum_concurrency=concurrency,
                reports_batch_item_failures=True,
            ),
        )

    def _alarm_on_delay(self, function: FunctionOutputs) -> None:
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

    def _alarm_on_held_back(self) -> None:
        registry = self._inputs.registry
        description = f"So much is deleted elsewhere that {registry.context.region} holds it back."
        Alarm(self, "held_back", count_alarm(registry, "held-back", HELD_BACK, description))


def _of_others(region: str) -> dict[str, object]:
    """Return an event filter that leaves out the region's own rows, which are most of the stream.

    docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
    """
    return {"dynamodb": {"Keys": {REGION_KEY: {"S": [{"anything-but": [region]}]}}}}


def _function(inputs: RegistryApplyInputs) -> RegistryFunctionInputs:
    registry, queues = inputs.registry, inputs.registry.queues
    return RegistryFunctionInputs(
        registry=registry,
        kind="apply",
        description="Takes over what has changed in other regions' device registries",
        timeout=APPLY.timeout,
        reserved_concurrency=registry.parallelization_factor * _RUNS,
        queues=[queues.retry, queues.apply_shadows],
        variables={RegistryVariable.SHADOWS_QUEUE: queues.apply_shadows.url},
        statements=[
            *registry.statements.writing(
                registry.excluded_policies, registry.excluded_ca_certificates
            ),
            *_statements(inputs),
        ],
    )


def _statements(inputs: RegistryApplyInputs) -> list[Mapping[str, Any]]:
    registry, queues = inputs.registry, inputs.registry.queues
    shadows = queues.apply_shadows.arn
    return [
        allow(
            "ReadTheStream",
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
            inputs.stream_arn,
        ),
        # Lambda requires it, and it cannot be limited to one stream:
        # docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
        in_region("FindTheStream", ["dynamodb:ListStreams"], registry.context.region),
        allow("TryAgainLater", "sqs:ChangeMessageVisibility", [queues.retry.arn, shadows]),
        count_deletions(registry.table_arn),
        allow("PassShadowsOn", "sqs:SendMessage", shadows),
    ]

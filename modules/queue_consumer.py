"""The event source mapping from a queue to a function."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.lambda_event_source_mapping import (
    LambdaEventSourceMapping,
    LambdaEventSourceMappingScalingConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.function import FunctionOutputs
from modules.module import Module
from modules.number import Number
from modules.queue import QueueOutputs


@dataclass(frozen=True, kw_only=True)
class QueueConsumerInputs:
    """A queue and the function that consumes it; `slot` is the logical id.

    `batching_window` is in seconds. If `reports_batch_item_failures`, the function returns the
    messages to retry; otherwise an error retries the whole batch.
    """

    provider: AwsProvider
    slot: str
    queue: QueueOutputs
    function: FunctionOutputs
    batch_size: int
    batching_window: int
    maximum_concurrency: Number
    reports_batch_item_failures: bool


class QueueConsumer(Module):
    """An event source mapping from an SQS queue with a maximum concurrency.

    Without the maximum, Lambda could receive messages that reserved concurrency then throttles, and
    each such receive counts towards the dead-letter queue. Source:
    docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: QueueConsumerInputs) -> None:
        super().__init__(scope, id_)
        self.flat(
            LambdaEventSourceMapping(
                self,
                "mapping",
                provider=inputs.provider,
                event_source_arn=inputs.queue.arn,
                function_name=inputs.function.arn,
                batch_size=inputs.batch_size,
                maximum_batching_window_in_seconds=inputs.batching_window,
                function_response_types=(
                    ["ReportBatchItemFailures"] if inputs.reports_batch_item_failures else None
                ),
                scaling_config=LambdaEventSourceMappingScalingConfig(
                    maximum_concurrency=inputs.maximum_concurrency
                ),
            ),
            inputs.slot,
        )

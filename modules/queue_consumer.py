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

# docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_TIMEOUTS = 6


@dataclass(frozen=True, kw_only=True)
class QueueConsumerInputs:
    """A queue and the function that consumes it; `slot` is the logical id.

    A batch has at most `batch` messages, which Lambda collects for up to `window` seconds;
    `concurrency` is the maximum of concurrent batches. If `tells_failures`, the function returns
    the messages to retry (ReportBatchItemFailures); otherwise an error retries the whole batch.
    """

    provider: AwsProvider
    slot: str
    queue: QueueOutputs
    function: FunctionOutputs
    batch: int
    window: int
    concurrency: Number
    tells_failures: bool


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
                batch_size=inputs.batch,
                maximum_batching_window_in_seconds=inputs.window,
                function_response_types=(
                    ["ReportBatchItemFailures"] if inputs.tells_failures else None
                ),
                scaling_config=LambdaEventSourceMappingScalingConfig(
                    maximum_concurrency=inputs.concurrency
                ),
            ),
            inputs.slot,
        )


def visibility(timeout: int, window: int) -> int:
    """Return the visibility timeout in seconds for a function's timeout and batching window."""
    return _TIMEOUTS * timeout + window

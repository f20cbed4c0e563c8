"""What hands the messages of a queue to a function."""

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
    """A queue and the function that reads it; `slot` is the logical id.

    A batch has at most `batch` messages and waits `window` seconds for them; `concurrency` batches
    go at the same time. `tells_failures`: the function names those of a batch that have to come
    again, else a batch comes again as a whole when the function raises.
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
    """Hands a function the messages of a queue, and takes those away that it is done with.

    Held to so many batches, Lambda receives no message that it then would have to turn away,
    which would count as one of its attempts. Source:
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
    """Give the seconds for which a message must be hidden while a function has it."""
    return _TIMEOUTS * timeout + window

"""What hands the records of a stream to a function."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.lambda_event_source_mapping import (
    LambdaEventSourceMapping,
    LambdaEventSourceMappingDestinationConfig,
    LambdaEventSourceMappingDestinationConfigOnFailure,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.function import FunctionOutputs
from modules.inputs import refuse_unless
from modules.module import Module
from modules.queue import QueueOutputs

# docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
_SHORTEST_AGE, _LONGEST_AGE = 60, 604_800


@dataclass(frozen=True, kw_only=True)
class StreamConsumerInputs:
    """A stream of Kinesis or DynamoDB, the function that reads it, and the queue of what failed.

    `slot` is its logical id. A batch has at most `batch` records and waits `window` seconds for
    them; `lanes` batches of one shard go at a time, no two with the same key. A record that fails
    is tried again until it is `longest` seconds old; then the queue is told where in the stream it
    is.
    """

    provider: AwsProvider
    slot: str
    stream_arn: str
    function: FunctionOutputs
    failed: QueueOutputs
    batch: int
    window: int
    lanes: int
    longest: int


class StreamConsumer(Module):
    """Hands a function the records from the oldest on, each shard's in their order.

    The function tells where a batch failed, what went before is not given again, and a batch that
    fails without a word is halved: so one bad record holds up no others for long. Source:
    docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StreamConsumerInputs) -> None:
        refuse_unless(
            _SHORTEST_AGE <= inputs.longest <= _LONGEST_AGE,
            StreamConsumer,
            "longest",
            inputs.longest,
            f"{_SHORTEST_AGE} to {_LONGEST_AGE} seconds",
        )
        super().__init__(scope, id_)
        self.flat(
            LambdaEventSourceMapping(
                self,
                "mapping",
                provider=inputs.provider,
                event_source_arn=inputs.stream_arn,
                function_name=inputs.function.arn,
                # LATEST would leave out what came before the mapping was ready.
                starting_position="TRIM_HORIZON",
                batch_size=inputs.batch,
                maximum_batching_window_in_seconds=inputs.window,
                parallelization_factor=inputs.lanes,
                function_response_types=["ReportBatchItemFailures"],
                bisect_batch_on_function_error=True,
                maximum_record_age_in_seconds=inputs.longest,
                # Without end: the age alone bounds it, however long an outage is.
                maximum_retry_attempts=-1,
                destination_config=LambdaEventSourceMappingDestinationConfig(
                    on_failure=LambdaEventSourceMappingDestinationConfigOnFailure(
                        destination_arn=inputs.failed.arn
                    )
                ),
            ),
            inputs.slot,
        )

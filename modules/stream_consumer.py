"""The event source mapping from a stream to a function."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.lambda_event_source_mapping import (
    LambdaEventSourceMapping,
    LambdaEventSourceMappingDestinationConfig,
    LambdaEventSourceMappingDestinationConfigOnFailure,
    LambdaEventSourceMappingFilterCriteria,
    LambdaEventSourceMappingFilterCriteriaFilter,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.function import FunctionOutputs
from modules.inputs import require
from modules.json_text import compact_json
from modules.module import Module
from modules.number import Number, is_within
from modules.queue import QueueOutputs
from modules.stream_delays import MAXIMUM_RECORD_AGE

# docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
_SHORTEST_AGE: Final = 60


@dataclass(frozen=True, kw_only=True)
class StreamConsumerInputs:
    """A Kinesis or DynamoDB stream, the function that consumes it, and the queue of failed records.

    `slot` is the logical id; `batching_window` and `maximum_record_age` are in seconds.
    `parallelization_factor` batches of a shard are processed concurrently, no two with the same
    key. A failed record is retried until it reaches the maximum age, and at most
    `maximum_retry_attempts` times (-1: no limit); then Lambda sends its position in the stream to
    the queue `failed`. `filter_pattern` filters records:
    docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html.
    """

    provider: AwsProvider
    slot: str
    stream_arn: str
    function: FunctionOutputs
    failed: QueueOutputs
    batch_size: int
    batching_window: int
    parallelization_factor: Number
    maximum_record_age: Number
    # No limit, so that an outage of any length ends retries only by age.
    maximum_retry_attempts: int = -1
    filter_pattern: Mapping[str, Any] | None = None


class StreamConsumer(Module):
    """An event source mapping that starts at the oldest record and keeps each shard's order.

    The function returns the record at which a batch failed (ReportBatchItemFailures), and a batch
    that fails otherwise is split in two, so one bad record does not block others for long. Raises
    InputError for a maximum age outside 60 to 604800 seconds. Source:
    docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StreamConsumerInputs) -> None:
        require(
            is_within(inputs.maximum_record_age, _SHORTEST_AGE, MAXIMUM_RECORD_AGE),
            StreamConsumer,
            "maximum_record_age",
            inputs.maximum_record_age,
            f"{_SHORTEST_AGE} to {MAXIMUM_RECORD_AGE} seconds",
        )
        super().__init__(scope, id_)
        self.flat(
            LambdaEventSourceMapping(
                self,
                "mapping",
                provider=inputs.provider,
                event_source_arn=inputs.stream_arn,
                function_name=inputs.function.arn,
                # LATEST would skip records written before the mapping was active.
                starting_position="TRIM_HORIZON",
                batch_size=inputs.batch_size,
                # By default there is no window.
                maximum_batching_window_in_seconds=inputs.batching_window or None,
                parallelization_factor=inputs.parallelization_factor,
                function_response_types=["ReportBatchItemFailures"],
                bisect_batch_on_function_error=True,
                maximum_record_age_in_seconds=inputs.maximum_record_age,
                maximum_retry_attempts=inputs.maximum_retry_attempts,
                filter_criteria=None
                if inputs.filter_pattern is None
                else _only(inputs.filter_pattern),
                destination_config=LambdaEventSourceMappingDestinationConfig(
                    on_failure=LambdaEventSourceMappingDestinationConfigOnFailure(
                        destination_arn=inputs.failed.arn
                    )
                ),
            ),
            inputs.slot,
        )


def _only(pattern: Mapping[str, Any]) -> LambdaEventSourceMappingFilterCriteria:
    only = LambdaEventSourceMappingFilterCriteriaFilter(pattern=compact_json(pattern))
    return LambdaEventSourceMappingFilterCriteria(filter=[only])

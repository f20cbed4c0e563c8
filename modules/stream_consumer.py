"""What hands the records of a stream to a function."""

import json
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
from modules.inputs import refuse_unless
from modules.module import Module
from modules.number import Number, within
from modules.queue import QueueOutputs
from modules.stream_delays import LONGEST_AGE

# docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
_SHORTEST_AGE: Final = 60


@dataclass(frozen=True, kw_only=True)
class StreamConsumerInputs:
    """A stream of Kinesis or DynamoDB, the function that reads it, and the queue of what failed.

    `slot` is its logical id. A batch has at most `batch` records and waits `window` seconds for
    them; `lanes` batches of one shard go at a time, no two with the same key. A record that fails
    is tried again until it is `longest` seconds old, or `attempts` times where there is an end to
    them; then the queue is told where in the stream it is. `pattern` is what records have to match,
    by default all do: docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html.
    """

    provider: AwsProvider
    slot: str
    stream_arn: str
    function: FunctionOutputs
    failed: QueueOutputs
    batch: int
    window: int
    lanes: Number
    longest: Number
    # Without end: the age alone bounds it, however long an outage is.
    attempts: int = -1
    pattern: Mapping[str, Any] | None = None


class StreamConsumer(Module):
    """Hands a function the records from the oldest on, each shard's in their order.

    The function tells where a batch failed, what went before is not given again, and a batch that
    fails without a word is halved: so one bad record holds up no others for long. Source:
    docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StreamConsumerInputs) -> None:
        refuse_unless(
            within(inputs.longest, _SHORTEST_AGE, LONGEST_AGE),
            StreamConsumer,
            "longest",
            inputs.longest,
            f"{_SHORTEST_AGE} to {LONGEST_AGE} seconds",
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
                # Lambda's own is none.
                maximum_batching_window_in_seconds=inputs.window or None,
                parallelization_factor=inputs.lanes,
                function_response_types=["ReportBatchItemFailures"],
                bisect_batch_on_function_error=True,
                maximum_record_age_in_seconds=inputs.longest,
                maximum_retry_attempts=inputs.attempts,
                filter_criteria=None if inputs.pattern is None else _only(inputs.pattern),
                destination_config=LambdaEventSourceMappingDestinationConfig(
                    on_failure=LambdaEventSourceMappingDestinationConfigOnFailure(
                        destination_arn=inputs.failed.arn
                    )
                ),
            ),
            inputs.slot,
        )


def _only(pattern: Mapping[str, Any]) -> LambdaEventSourceMappingFilterCriteria:
    only = LambdaEventSourceMappingFilterCriteriaFilter(pattern=json.dumps(pattern))
    return LambdaEventSourceMappingFilterCriteria(filter=[only])

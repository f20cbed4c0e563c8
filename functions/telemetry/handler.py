"""Lambda handler for the region's Kinesis stream of telemetry.

Its variables are those of TelemetryVariable. A wrong one fails the initialization of the function.
"""

import os
from collections.abc import Mapping
from typing import Any, cast

import boto3
from botocore.config import Config

from functions.contract import TELEMETRY_NAMESPACE, TelemetryVariable
from functions.probe.metrics import Metrics
from functions.probe.variables import Variables
from functions.telemetry.consumer import Consumer
from functions.telemetry.failed_records import FailedRecords
from functions.telemetry.states import StateTable

# Longer throttling is left to Lambda, which retries the batch (assumed: with growing pauses):
# `MaximumRetryAttempts` in docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
_CONFIG = Config(
    connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3}
)


def _consumer(environ: Mapping[str, str]) -> Consumer:
    variables = Variables(environ)
    table = variables.text(TelemetryVariable.TABLE)
    queue_url = variables.text(TelemetryVariable.FAILED_QUEUE)
    environment = variables.text(TelemetryVariable.ENVIRONMENT)
    region = variables.text("AWS_REGION")
    variables.raise_if_invalid()
    return Consumer(
        states=StateTable(client=_client("dynamodb", region), table=table, region=region),
        failed=FailedRecords(client=_client("sqs", region), queue_url=queue_url),
        metrics=Metrics(TELEMETRY_NAMESPACE, environment),
    )


def _client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
    return cast("Any", boto3).client(service, region, config=_CONFIG)


_CONSUMER = _consumer(os.environ)


def handle(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """Process a batch; return the record to retry from as `batchItemFailures`."""
    return _CONSUMER.consume(event)

"""Lambda handler for the queue of changes of this region's registry and shadows.

Its variables are those of RegistryVariable. A wrong one fails the initialization
of the function.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.contract import RESERVES, RegistryVariable
from functions.probe.variables import Variables
from functions.registry.failures import TimeUpError, counting_retries
from functions.registry.pulse import Pulses
from functions.registry.queue import Queue
from functions.registry.services import services
from functions.registry_capture.account_region import AccountRegion
from functions.registry_capture.consumer import CaptureConsumer
from functions.registry_capture.reference_requests import ReferenceRequests

_VARIABLES = Variables(os.environ)
_CHANGES_URL = _VARIABLES.text(RegistryVariable.CHANGES_QUEUE)
_RESERVE = RESERVES["registry_capture"]
_SERVICES = services(_VARIABLES)
_CHANGES = Queue(_SERVICES.sqs, _CHANGES_URL)
_CHANGES_NAME = _CHANGES_URL.rpartition("/")[2]
_REFERENCE_REQUESTS = ReferenceRequests(
    table=_SERVICES.table,
    region=_SERVICES.region,
    excluded=_SERVICES.excluded,
    enqueue=_CHANGES.enqueue,
    metrics=_SERVICES.metrics,
)
_PULSES = Pulses(
    client=_SERVICES.table.client,
    table=_SERVICES.table.name,
    region=_SERVICES.region,
    regions=_SERVICES.regions,
    metrics=_SERVICES.metrics,
)
_PROCESSOR = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def handle(event: dict[str, Any], context: Any) -> Mapping[str, object]:  # noqa: ANN401 - as powertools has it
    """Capture what each message of a batch names; return the failed ones as `batchItemFailures`.

    docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting.
    A region outside the environment captures nothing.
    """
    if not _SERVICES.is_in_environment:
        return {"batchItemFailures": list[object]()}
    capturing = CaptureConsumer(
        capture=replace(_SERVICES.capture(), before_write=_REFERENCE_REQUESTS),
        account_region=AccountRegion(_SERVICES.account_id, _SERVICES.region),
        excluded=_SERVICES.excluded,
        retry=_SERVICES.retry,
        dead_letters=_SERVICES.dead_letters,
        pulses=_PULSES,
        metrics=_SERVICES.metrics,
        time_is_up=lambda: context.get_remaining_time_in_millis() < _RESERVE,
    )

    def capture_record(record: SQSRecord) -> None:
        is_of_changes = record.event_source_arn.rpartition(":")[2] == _CHANGES_NAME
        try:
            with counting_retries(_SERVICES.metrics):
                capturing(record.body, is_of_shadows=not is_of_changes)
        except TimeUpError:
            raise
        except Exception:
            # Shadows wait for the queue's timeout: a flood of them must not be retried so often.
            if is_of_changes:
                received = int(record.attributes.approximate_receive_count)
                _CHANGES.back_off(record.receipt_handle, received)
            raise

    return process_partial_response(event, capture_record, _PROCESSOR, context)

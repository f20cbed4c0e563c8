"""Lambda: event source mappings, from a stream or queue to a function."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, between, each_member, length, one_of
from iot_dr.terraform.standin.identity import Origin, fresh_uuid
from iot_dr.terraform.standin.services.limits import at_most
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_LONGEST_AGE = 604_800
_FOR_EVER = -1


def _age(value: Value) -> str | None:
    return None if value == _FOR_EVER else between(60, _LONGEST_AGE)(value)


def _mapping(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    identifier = fresh_uuid()
    source = values["event_source_arn"]
    is_queue = isinstance(source, str) and ":sqs:" in source
    function = str(values["function_name"])
    own = function if function.startswith("arn:") else origin.arn("lambda", f"function:{function}")
    # A queue has its own retries; Lambda returns no value for it, which the provider reads as zero.
    return {
        "id": identifier,
        "arn": origin.arn("lambda", f"event-source-mapping:{identifier}"),
        "function_arn": own,
        "maximum_record_age_in_seconds": 0 if is_queue else _FOR_EVER,
        "maximum_retry_attempts": 0 if is_queue else _FOR_EVER,
        "parallelization_factor": 0 if is_queue else 1,
        "uuid": identifier,
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_lambda_event_source_mapping": Behaviour(
        source="provider documentation, lambda_event_source_mapping; "
        "Lambda API: CreateEventSourceMapping",
        replace=(
            *("amazon_managed_kafka_event_source_config", "event_source_arn", "queues"),
            *("self_managed_event_source", "self_managed_kafka_event_source_config"),
            *("starting_position", "starting_position_timestamp", "topics"),
        ),
        defaults=PLANNED["aws_lambda_event_source_mapping"],
        defaults_from_aws={
            "last_modified": "1970-01-01T00:00:00Z",
            "last_processing_result": "",
            "state": "Enabled",
            "state_transition_reason": "USER_INITIATED",
        },
        checks={
            "destination_config.on_failure.destination_arn": arn,
            "filter_criteria.filter.pattern": length(0, 4096),
            "function_response_types": each_member(one_of("ReportBatchItemFailures")),
            "kms_key_arn": arn,
            "maximum_record_age_in_seconds": _age,
            "maximum_retry_attempts": between(-1, 10_000),
            "parallelization_factor": between(1, 10),
            "queues": at_most(1),
            "scaling_config.maximum_concurrency": between(2, 1000),
            "starting_position": one_of("AT_TIMESTAMP", "LATEST", "TRIM_HORIZON"),
            "tumbling_window_in_seconds": between(0, 900),
        },
        limits={"filter_criteria.filter": (0, 10), "source_access_configuration": (0, 22)},
        exactly_one=(("event_source_arn", "self_managed_event_source"),),
        filled_blocks=(
            *("amazon_managed_kafka_event_source_config", "self_managed_kafka_event_source_config"),
        ),
        computed_on_apply=_mapping,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}

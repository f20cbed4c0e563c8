"""SQS: queues and their policies."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import between, json_document, matches, one_of
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED

_FIFO = ".fifo"
_OF_FIFO = ("content_based_deduplication", "deduplication_scope", "fifo_throughput_limit")
_DOCUMENTS = ("policy", "redrive_allow_policy", "redrive_policy")


def _planned(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    """Plan a data key reuse period of 0 for a queue that is encrypted with SQS's own key."""
    is_own = values["sqs_managed_sse_enabled"] is True
    is_given = values["kms_data_key_reuse_period_seconds"] is not None
    return {"kms_data_key_reuse_period_seconds": 0} if is_own and not is_given else {}


def _queue(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    is_given = isinstance(values["name"], str)
    name = named["name"] + (_FIFO if values["fifo_queue"] and not is_given else "")
    url = f"https://sqs.{origin.region}.amazonaws.com/{origin.account}/{name}"
    return {
        **named,
        "id": url,
        "arn": origin.arn("sqs", name),
        "name": name,
        "sqs_managed_sse_enabled": not values["kms_master_key_id"],
        "url": url,
    }


def _queue_policy(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    return {"id": values["queue_url"]}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_sqs_queue": Behaviour(
        source="provider documentation, sqs_queue; SQS API: CreateQueue, SetQueueAttributes",
        replace=("fifo_queue", "name", "name_prefix"),
        defaults=PLANNED["aws_sqs_queue"],
        defaults_from_aws={
            **dict.fromkeys((*_DOCUMENTS, "deduplication_scope", "fifo_throughput_limit"), ""),
            "kms_data_key_reuse_period_seconds": 300,
        },
        checks={
            **dict.fromkeys(_DOCUMENTS, json_document),
            "deduplication_scope": one_of("messageGroup", "queue"),
            "delay_seconds": between(0, 900),
            "fifo_throughput_limit": one_of("perQueue", "perMessageGroupId"),
            "kms_data_key_reuse_period_seconds": between(60, 86_400),
            "max_message_size": between(1024, 1_048_576),
            "message_retention_seconds": between(60, 1_209_600),
            "name": matches(
                r"[0-9A-Za-z_-]{1,80}|[0-9A-Za-z_-]{1,75}\.fifo",
                "1 to 80 letters, digits and _ -, or with .fifo at its end",
            ),
            "receive_wait_time_seconds": between(0, 20),
            "visibility_timeout_seconds": between(0, 43_200),
        },
        normal=dict.fromkeys(_DOCUMENTS, json_text),
        together=dict.fromkeys(_OF_FIFO, ("fifo_queue",)),
        conflicts=(("name", "name_prefix"), ("kms_master_key_id", "sqs_managed_sse_enabled")),
        planned=_planned,
        computed_on_apply=_queue,
    ),
    "aws_sqs_queue_policy": Behaviour(
        source="provider documentation, sqs_queue_policy",
        replace=("queue_url",),
        checks={"policy": json_document},
        normal={"policy": json_text},
        import_argument="queue_url",
        computed_on_apply=_queue_policy,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}

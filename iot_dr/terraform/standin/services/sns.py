"""SNS: topics."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, between, json_document, matches, one_of
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.normal import json_text
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import Value

_PROTOCOLS = ("application", "firehose", "http", "lambda", "sqs")
_FIFO = ".fifo"


def _topic(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values)
    is_given = isinstance(values["name"], str)
    name = named["name"] + (_FIFO if values["fifo_topic"] and not is_given else "")
    topic_arn = origin.arn("sns", name)
    return {
        **named,
        "id": topic_arn,
        "arn": topic_arn,
        "name": name,
        "owner": origin.account,
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_sns_topic": Behaviour(
        source="provider documentation, sns_topic; SNS API: CreateTopic, SetTopicAttributes",
        replace=("fifo_topic", "name", "name_prefix"),
        defaults={"content_based_deduplication": False, "fifo_topic": False},
        defaults_from_aws={
            "beginning_archive_time": "",
            "fifo_throughput_scope": "",
            "signature_version": 1,
            "tracing_config": "PassThrough",
        },
        checks={
            **{
                f"{protocol}_{outcome}_feedback_role_arn": arn
                for protocol in _PROTOCOLS
                for outcome in ("failure", "success")
            },
            **{
                f"{protocol}_success_feedback_sample_rate": between(0, 100)
                for protocol in _PROTOCOLS
            },
            "archive_policy": json_document,
            "delivery_policy": json_document,
            "fifo_throughput_scope": one_of("Topic", "MessageGroup"),
            "name": matches(
                r"[0-9A-Za-z_-]{1,256}|[0-9A-Za-z_-]{1,251}\.fifo",
                "1 to 256 letters, digits and _ -, or with .fifo at its end",
            ),
            "policy": json_document,
            "signature_version": between(1, 2),
            "tracing_config": one_of("Active", "PassThrough"),
        },
        normal=dict.fromkeys(("archive_policy", "delivery_policy", "policy"), json_text),
        conflicts=(("name", "name_prefix"),),
        together=dict.fromkeys(("archive_policy", "fifo_throughput_scope"), ("fifo_topic",)),
        computed_on_apply=_topic,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}

"""Kinesis: streams."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import between, both, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value
from iot_dr.terraform_json.defaults import PLANNED


def _stream(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    stream_arn = origin.arn("kinesis", f"stream/{values['name']}")
    return {"id": stream_arn, "arn": stream_arn}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_kinesis_stream": Behaviour(
        source="provider documentation, kinesis_stream; Kinesis API: CreateStream",
        replace=("name",),
        defaults=PLANNED["aws_kinesis_stream"],
        defaults_from_aws={"max_record_size_in_kib": 1024},
        checks={
            "encryption_type": one_of("NONE", "KMS"),
            "max_record_size_in_kib": between(1024, 10_240),
            "name": both(length(1, 128), matches(r"[0-9A-Za-z_.-]+", "letters, digits and _ . -")),
            "retention_period": between(24, 8760),
            "stream_mode_details.stream_mode": one_of("ON_DEMAND", "PROVISIONED"),
        },
        filled_blocks=("stream_mode_details",),
        computed_on_apply=_stream,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}

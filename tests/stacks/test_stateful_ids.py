"""The logical ids of resources that hold state: to change one destroys what it names."""

import json
from pathlib import Path

from tests.support.pipeline import PIPELINE
from tests.support.settings import JUST_IN_TIME, REGIONS, settings
from tests.support.synthesis import Synthesis

STATEFUL = {
    "aws_acm_certificate",
    "aws_dynamodb_table",
    "aws_iot_ca_certificate",
    "aws_iot_domain_configuration",
    "aws_kinesis_stream",
    "aws_kms_key",
    "aws_route53_zone",
    "aws_s3_bucket",
}
PINNED: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("stateful_ids.json").read_text(encoding="utf-8")
)


def test_the_ids_of_stateful_resources_are_the_pinned_ones(synthesis: Synthesis) -> None:
    data = {"provisioning": JUST_IN_TIME}
    platform = settings(regions=list(REGIONS), pipeline=PIPELINE, data=data)
    ids = {
        name: sorted(f"{b.type}.{b.logical_id}" for b in stack.blocks() if b.type in STATEFUL)
        for name, stack in synthesis(platform).items()
    }
    assert {name: found for name, found in ids.items() if found} == PINNED

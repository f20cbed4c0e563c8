"""Mistakes in a stack: each is reported with stack and resource, and other stacks continue."""

import json
from pathlib import Path
from typing import Any

import pytest

from iot_dr.cli.outcomes import PlanReport
from iot_dr.terraform.schedule import Done, Failed, Waiting
from iot_dr.terraform_json.provider_choice import Provider
from tests.iot_dr.terraform.platform import REGION, Platform

pytestmark = pytest.mark.usefixtures("lent")

ZONE = {"name": "iot-dev.example.com"}
RECORD = {"zone_id": "Z1", "name": "a.example.com", "type": "CNAME", "ttl": 60, "records": ["b.c"]}


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A valid stack next to one with a mistake, and one that depends on the latter."""
    made = Platform(tmp_path)
    made.add("iot-dev-sound", resource={"terraform_data": {"x": {"input": "sound"}}})
    made.add("iot-dev-wrong", resource={"terraform_data": {"x": {"input": "right"}}})
    made.add("iot-dev-after", "iot-dev-wrong", resource={"terraform_data": {"x": {}}})
    return made


MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "unknown attribute": ("aws_route53_zone", {**ZONE, "nmae": "x"}, "nmae"),
    "wrong type": ("aws_route53_record", {**RECORD, "ttl": "soon"}, "a number is required"),
    "missing required": ("aws_route53_zone", {"comment": "x"}, '"name" is required'),
    "value out of an enum": ("aws_route53_record", {**RECORD, "type": "CNAM"}, "got CNAM"),
    "reference to nothing": (
        "aws_route53_record",
        {**RECORD, "zone_id": "${aws_route53_zone.nowhere.zone_id}"},
        "aws_route53_zone",
    ),
}


@pytest.mark.parametrize(("kind", "body", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_reported_with_stack_resource_and_place_and_nothing_is_written(
    platform: Platform, kind: str, body: dict[str, Any], said: str
) -> None:
    platform.add("iot-dev-wrong", resource={kind: {"mistaken": body}})
    ran = platform.walk()
    assert isinstance(ran.outcomes["iot-dev-sound"], Done)
    assert isinstance(ran.outcomes["iot-dev-wrong"], Failed)
    assert ran.outcomes["iot-dev-after"] == Waiting(
        node=ran.outcomes["iot-dev-after"].node, waits_for=("iot-dev-wrong",)
    )
    assert "iot-dev-wrong (dev/iot-dev-wrong/mistaken/resource)\nError: " in ran.messages
    assert f"{kind}.mistaken" in ran.messages
    assert "cdk.tf.json:" in ran.messages
    assert said in ran.messages
    assert "iot-dev-after: not started, waits for iot-dev-wrong" in ran.messages
    assert not platform.state("iot-dev-wrong").exists()
    assert json.loads(platform.state("iot-dev-sound").read_text())["resources"]


def test_two_providers_of_one_alias_are_reported_with_the_stack_and_the_alias(
    platform: Platform,
) -> None:
    twice = {"alias": "eu_west_1", "region": REGION}
    platform.add("iot-dev-wrong", provider={"aws": [twice, twice]})
    ran = platform.walk()
    assert isinstance(ran.outcomes["iot-dev-wrong"], Failed)
    assert "iot-dev-wrong: terraform init failed" in ran.messages
    assert "Duplicate provider configuration" in ran.messages
    assert "eu_west_1" in ran.messages


def test_neither_report_nor_failures_hold_a_sensitive_value(platform: Platform) -> None:
    certificate = {"certificate_body": "public", "private_key": "do-not-print-me"}
    failing = {"provisioner": [{"local-exec": {"command": "echo no; exit 7"}}]}
    platform.add("iot-dev-keys", resource={"aws_acm_certificate": {"c": certificate}})
    platform.add("iot-dev-late", "iot-dev-keys", resource={"terraform_data": {"late": failing}})
    ran = platform.walk()
    report = PlanReport(Provider.STANDIN, list(ran.outcomes.values()), 1.0)
    assert "exit status 7" in ran.messages
    planned = ran.outcomes["iot-dev-keys"]
    assert isinstance(planned, Done)
    assert "do-not-print-me" in json.dumps(planned.result.document)
    for text in (report.text(), json.dumps(report.document()), ran.messages):
        assert "do-not-print-me" not in text

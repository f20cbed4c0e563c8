"""A note of the proof that means something wrong is an error in an environment."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.settings_not_met import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, FRANKFURT, judged, our_settings, ours, resources

RECORD, CHECK = "aws_route53_record", "aws_route53_health_check"
FUNCTION, DOMAIN = "aws_lambda_function", "aws_iot_domain_configuration"
BLOCK, WARN = Verdict.BLOCK, Verdict.WARN


@pytest.mark.parametrize(
    ("place", "values", "verdict", "message"),
    [
        ((ENTRY_POINT, RECORD, "failover_1_primary"), {"ttl": 70}, WARN, "has the ttl 70"),
        ((ENTRY_POINT, CHECK, "tcp_eu_central_1"), {"failure_threshold": 4}, BLOCK, "threshold 4"),
        (
            (FRANKFURT, DOMAIN, "device_name"),
            {"tls_config": {"security_policy": "IoTSecurityPolicy_TLS13_1_3_2022_10"}},
            BLOCK,
            "has the TLS policy",
        ),
        ((FRANKFURT, FUNCTION, "canary"), {"timeout": 1}, BLOCK, "has the timeout 1"),
        (
            (ENTRY_POINT, FUNCTION, "watcher_eu_central_1"),
            {"timeout": 1},
            BLOCK,
            "puts no switch",
        ),
    ],
)
def test_what_is_wrong_blocks_with_settings_and_a_ttl_warns(
    place: tuple[str, str, str], values: Mapping[str, Any], verdict: Verdict, message: str
) -> None:
    documents = ours()
    stack, type_, name = place
    resources(documents, stack, type_)[name].update(values)
    findings = judged(RULE, documents, our_settings())
    assert [each.verdict for each in findings if message in each.message] == [verdict]


@pytest.mark.parametrize(
    ("name", "values"),
    [("canary", {"memory_size": 512}), ("canary", {"architectures": ["x86_64"]})],
)
def test_what_no_device_notices_is_a_note(name: str, values: Mapping[str, Any]) -> None:
    documents = ours()
    resources(documents, FRANKFURT, FUNCTION)[name].update(values)
    assert judged(RULE, documents, our_settings()) == []


def test_the_plan_of_the_entry_point_alone_says_nothing_of_what_other_stacks_have() -> None:
    text = json.dumps(ours()[ENTRY_POINT])
    for region in ("eu-west-1", "eu-central-1"):
        handed = f"iot_dev_iot_{region.replace('-', '_')}.outputs.regional_name"
        text = text.replace(
            f"${{data.terraform_remote_state.{handed}}}", f"mqtt-{region}.iot-dev.example.com"
        )
    documents = {ENTRY_POINT: json.loads(text)}
    assert judged(RULE, documents, our_settings()) == []
    assert "puts no switch" in str(judged(RULE, documents))

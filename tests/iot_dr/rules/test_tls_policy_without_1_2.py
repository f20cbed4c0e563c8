from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.tls_policy_without_1_2 import RULE
from tests.iot_dr.rules.designs import ENTRY_POINT, IRELAND, judged, ours, resources, where

DOMAIN = "aws_iot_domain_configuration"
ONLY_1_3 = "IoTSecurityPolicy_TLS13_1_3_2022_10"


def design(policy: object, check_type: str, **check: Any) -> dict[str, Any]:
    """Return our design, with a TLS policy for Ireland's names and a check on its regional name."""
    documents = ours()
    for domain in resources(documents, IRELAND, DOMAIN).values():
        domain["tls_config"] = {"security_policy": policy}
    checks = resources(documents, ENTRY_POINT, "aws_route53_health_check")
    checks["tcp_eu_west_1"] |= {"type": check_type, **check}
    return documents


@pytest.mark.parametrize("type_", ["HTTPS", "HTTPS_STR_MATCH"])
def test_a_tls_1_3_only_name_with_an_https_check_is_refused(type_: str) -> None:
    findings = judged(RULE, design(ONLY_1_3, type_))
    assert where(findings) == {f"{IRELAND}/{DOMAIN}.regional_name"}
    assert findings[0].verdict is Verdict.BLOCK
    assert "Route 53 supports TLS 1.0 to 1.2" in findings[0].message


def test_a_name_that_points_to_it_counts_too() -> None:
    documents = design(ONLY_1_3, "HTTPS", fqdn="probe.example.com")
    resources(documents, ENTRY_POINT, "aws_route53_record")["probe"] = {
        "name": "probe.example.com",
        "type": "CNAME",
        "records": ["mqtt-eu-west-1.iot-dev.example.com"],
        "provider": "aws.us_east_1",
    }
    assert len(judged(RULE, documents)) == 1


@pytest.mark.parametrize("type_", ["TCP", "HTTP"])
def test_a_check_without_tls_and_the_canary_do_not_mind(type_: str) -> None:
    assert judged(RULE, design(ONLY_1_3, type_)) == []


@pytest.mark.parametrize(
    "policy",
    [
        "IoTSecurityPolicy_TLS13_1_2_2022_10",
        "IoTSecurityPolicy_TLS12_1_2_2022_10",
        "SomethingNew",
        "${var.policy}",
        None,
        [],
    ],
)
def test_a_policy_with_tls_1_2_and_one_that_is_not_known_pass(policy: object) -> None:
    assert judged(RULE, design(policy, "HTTPS")) == []


def test_tls_1_0_is_warned_of_on_any_name() -> None:
    findings = judged(RULE, design("IoTSecurityPolicy_TLS12_1_0_2016_01", "TCP"))
    assert len(findings) == 2
    assert {each.verdict for each in findings} == {Verdict.WARN}

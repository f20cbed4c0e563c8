from typing import Any

import pytest

from iot_dr.terraform.standin.cache import SchemaCache
from tests.iot_dr.terraform.standin.services.kind import Kind

SWITCH = {
    "type": "CLOUDWATCH_METRIC",
    "cloudwatch_alarm_name": "switch",
    "cloudwatch_alarm_region": "eu-central-1",
    "insufficient_data_health_status": "LastKnownStatus",
}
DEEP = {"type": "HTTPS", "fqdn": "a.example.com", "port": 443, "resource_path": "/health/x"}
BOTH = {"type": "CALCULATED", "child_health_threshold": 2, "child_healthchecks": ["a", "b"]}


@pytest.fixture
def check(cache: SchemaCache) -> Kind:
    return Kind(cache, "aws_route53_health_check")


@pytest.mark.parametrize(
    ("arguments", "threshold", "sni"),
    [(DEEP, 3, True), ({**DEEP, "type": "TCP"}, 3, False), (SWITCH, 0, False), (BOTH, 0, False)],
    ids=["HTTPS", "TCP", "alarm", "calculated"],
)
def test_only_a_check_of_an_endpoint_counts_failures_and_only_https_names_its_host(
    check: Kind, arguments: dict[str, Any], threshold: int, sni: bool
) -> None:
    assert check.refused(**arguments) == ""
    made = check.apply(**arguments)
    assert (made["failure_threshold"], made["enable_sni"]) == (threshold, sni)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({**SWITCH, "cloudwatch_alarm_region": "eu-mars-1"}, "eu-central-1"),
        ({**SWITCH, "cloudwatch_alarm_region": None}, 'needs "cloudwatch_alarm_region"'),
        ({**SWITCH, "cloudwatch_alarm_name": None}, 'needs "cloudwatch_alarm_name"'),
        ({**SWITCH, "insufficient_data_health_status": "Unknown"}, "LastKnownStatus"),
        ({**DEEP, "regions": ["eu-west-1", "us-east-1", "eu-central-1"]}, "us-west-2"),
        ({**BOTH, "child_health_threshold": 257}, "between 0 and 256"),
    ],
)
def test_a_wrong_check_is_refused(check: Kind, arguments: dict[str, Any], said: str) -> None:
    assert said in check.refused(**arguments)

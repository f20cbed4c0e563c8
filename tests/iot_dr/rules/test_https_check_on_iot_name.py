from typing import Any

import pytest

from iot_dr.rules.https_check_on_iot_name import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import ENTRY_POINT, judged, ours, resources, where

CHECK = "aws_route53_health_check"
TCP = f"{ENTRY_POINT}/{CHECK}.tcp_eu_west_1"


def checked(**changes: Any) -> dict[str, Any]:
    """Return our design, with Ireland's TCP check changed."""
    documents = ours()
    resources(documents, ENTRY_POINT, CHECK)["tcp_eu_west_1"] |= changes
    return documents


@pytest.mark.parametrize("type_", ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "https"])
def test_a_check_by_http_on_a_regional_name_is_refused(type_: str) -> None:
    findings = judged(RULE, checked(type=type_))
    assert where(findings) == {TCP}
    assert findings[0].verdict is Verdict.BLOCK
    assert "IoT answers 403 to a caller without credentials" in findings[0].message
    assert "Route 53 answers with the PRIMARY" in findings[0].message


def test_a_tcp_check_on_the_same_name_passes() -> None:
    assert judged(RULE, checked()) == []


@pytest.mark.parametrize(
    "host",
    [
        "a1b2-ats.iot.eu-west-1.amazonaws.com",
        "A1B2.IOT.eu-west-1.amazonaws.com.",
        "a1b2.iot.cn-north-1.amazonaws.com.cn",
        "data-ats.iot-fips.us-gov-west-1.api.aws",
        "${var.prefix}-ats.iot.${var.region}.amazonaws.com",
        "mqtt.iot-dev.example.com",
    ],
)
def test_a_host_of_iot_is_known_by_its_name(host: str) -> None:
    assert where(judged(RULE, checked(type="HTTPS", fqdn=host))) == {TCP}


@pytest.mark.parametrize(
    "host",
    [
        "health.example.com",
        "abc.execute-api.eu-west-1.amazonaws.com",
        "myiot.eu-west-1.elb.amazonaws.com",
        "iot.example.com",
        "${var.host}",
        None,
        17,
    ],
)
def test_another_host_passes(host: object) -> None:
    assert judged(RULE, checked(type="HTTPS", fqdn=host)) == []


def test_the_deep_check_on_the_health_api_passes() -> None:
    documents = ours()
    assert any(
        check["type"] == "HTTPS"
        for name in documents
        for check in documents[name]["resource"].get(CHECK, {}).values()
    )
    assert judged(RULE, documents) == []


def test_an_inverted_check_is_reported_with_the_outage_that_it_hides() -> None:
    (finding,) = judged(RULE, checked(type="HTTPS", invert_healthcheck=True))
    assert "`invert_healthcheck`" in finding.message
    assert "an outage as healthy too" in finding.message


def test_a_check_of_an_address_uses_no_name() -> None:
    assert judged(RULE, checked(type="HTTPS", ip_address="192.0.2.1")) == []


def test_a_name_that_leads_to_iot_through_other_names_is_found() -> None:
    documents = checked(type="HTTPS", fqdn="probe.example.com")
    records = resources(documents, ENTRY_POINT, "aws_route53_record")
    for name, target in (
        ("probe", "hop.example.com"),
        ("hop", "mqtt-eu-west-1.iot-dev.example.com"),
    ):
        records[name] = {
            "name": f"{name}.example.com",
            "type": "CNAME",
            "records": [target],
            "provider": "aws.us_east_1",
        }
    assert where(judged(RULE, documents)) == {TCP}


def test_names_that_lead_to_each_other_end() -> None:
    documents = checked(type="HTTPS", fqdn="one.example.com")
    records = resources(documents, ENTRY_POINT, "aws_route53_record")
    for name, target in (("one", "two"), ("two", "one")):
        records[name] = {
            "name": f"{name}.example.com",
            "type": "CNAME",
            "records": [f"{target}.example.com"],
            "provider": "aws.us_east_1",
        }
    assert judged(RULE, documents) == []

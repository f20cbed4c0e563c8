from typing import Any

import pytest

from iot_dr.rules.check_never_passes import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.prover.test_hand_written import design
from tests.iot_dr.rules.designs import judged, ours

CHECK = "aws_route53_health_check"
Values = dict[str, Any]


def checked(check: Values, **resources: Values) -> Values:
    """Return a pair whose primary has another check, with more resources."""
    document = design()
    document["resource"] |= {type_: {"west": values} for type_, values in resources.items()}
    kept = {"provider", "failure_threshold", "request_interval"}
    checks = document["resource"][CHECK]
    checks["west"] = {key: each for key, each in checks["west"].items() if key in kept} | check
    return document


@pytest.mark.parametrize("regions", [2, 3])
def test_our_checks_may_pass(regions: int) -> None:
    assert judged(RULE, ours(regions)) == []


def https(fqdn: str, **more: Any) -> Values:
    return {"type": "HTTPS", "fqdn": fqdn, "port": 443, **more}


BALANCER = "${aws_lb.west.dns_name}"
DATABASE = "${aws_db_instance.west.address}"


@pytest.mark.parametrize(
    ("check", "resources", "expected"),
    [
        ({"type": "TCP", "ip_address": "10.0.0.1", "port": 80}, {}, "the private address 10.0.0.1"),
        ({"type": "TCP", "ip_address": "100.64.0.9", "port": 80}, {}, "the private address"),
        ({"type": "TCP", "ip_address": "fd00::1", "port": 80}, {}, "the private address fd00::1"),
        (https(BALANCER), {"aws_lb": {"internal": True}}, "aws_lb.west is internal"),
        (https(BALANCER), {"aws_lb": {"internal": "true"}}, "aws_lb.west is internal"),
        ({"type": "TCP", "fqdn": DATABASE, "port": 5432}, {"aws_db_instance": {}}, "is internal"),
        (
            {"type": "TCP", "fqdn": "${aws_docdb_cluster.west.endpoint}", "port": 27017},
            {"aws_docdb_cluster": {}},
            "is internal",
        ),
        (https("${aws_instance.west.private_ip}"), {"aws_instance": {}}, "which is private"),
        (https("api.company.internal"), {}, "which is private"),
        (
            https("${aws_api_gateway_domain_name.west.regional_domain_name}"),
            {"aws_api_gateway_domain_name": {"domain_name": "api.example.com"}},
            "answers 403 to the host aws_api_gateway_domain_name.west.regional_domain_name",
        ),
        (
            https(
                "${aws_apigatewayv2_domain_name.west.domain_name_configuration[0]"
                ".target_domain_name}"
            ),
            {"aws_apigatewayv2_domain_name": {"domain_name": "api.example.com"}},
            "answers 403",
        ),
        (https("d-a1b2c3.execute-api.eu-west-1.amazonaws.com"), {}, "answers 403"),
        (
            https("${aws_apigatewayv2_api.west.api_endpoint}"),
            {"aws_apigatewayv2_api": {"protocol_type": "HTTP"}},
            "a URL, and Route 53 needs a host name",
        ),
        (https("https://app.example.net"), {}, "a URL"),
        (https("app.example.net", port=80), {}, "HTTPS at port 80"),
        ({"type": "TCP", "fqdn": "west.iot.example.com", "port": 1883}, {}, "on port 1883"),
    ],
)
def test_a_check_that_can_never_pass_is_refused(
    check: Values, resources: dict[str, Values], expected: str
) -> None:
    (finding,) = judged(RULE, {"dns": checked(check, **resources)})
    assert (finding.verdict, finding.address) == (Verdict.BLOCK, f"{CHECK}.west")
    assert expected in finding.message
    assert "so it is always unhealthy, and the record that uses it" in finding.message


@pytest.mark.parametrize(
    ("check", "resources"),
    [
        ({"type": "TCP", "ip_address": "203.0.113.1", "port": 80}, {}),
        ({"type": "TCP", "ip_address": "${var.address}", "port": 80}, {}),
        (https(BALANCER), {"aws_lb": {"internal": False}}),
        (https(BALANCER), {"aws_lb": {}}),
        (https(BALANCER), {"aws_lb": {"internal": "${var.internal}"}}),
        (
            {"type": "TCP", "fqdn": DATABASE, "port": 5432},
            {"aws_db_instance": {"publicly_accessible": True}},
        ),
        (https("${aws_instance.west.public_dns}"), {"aws_instance": {}}),
        (
            https("${aws_api_gateway_domain_name.west.domain_name}"),
            {"aws_api_gateway_domain_name": {"domain_name": "api.example.net"}},
        ),
        (
            {
                "type": "TCP",
                "port": 443,
                "fqdn": "${aws_api_gateway_domain_name.west.regional_domain_name}",
            },
            {"aws_api_gateway_domain_name": {"domain_name": "api.example.com"}},
        ),
        (https("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"), {}),
        (
            https('${replace(aws_apigatewayv2_api.west.api_endpoint, "https://", "")}'),
            {"aws_apigatewayv2_api": {"protocol_type": "HTTP"}},
        ),
        (https("app.example.net"), {}),
        (https("app.example.net", port="${var.port}"), {}),
        ({"type": "HTTP", "fqdn": "app.example.net", "port": 80}, {}),
        ({"type": "TCP", "fqdn": "west.iot.example.com", "port": 8443}, {}),
        ({"type": "CALCULATED", "child_healthchecks": [], "child_health_threshold": 0}, {}),
    ],
)
def test_a_check_that_may_pass_is_not(check: Values, resources: dict[str, Values]) -> None:
    assert judged(RULE, {"dns": checked(check, **resources)}) == []


def test_a_check_that_no_record_uses_is_a_warning() -> None:
    document = design()
    document["resource"][CHECK]["spare"] = {"type": "TCP", "ip_address": "10.0.0.1", "port": 80}
    (finding,) = judged(RULE, {"dns": document})
    assert finding.verdict is Verdict.WARN
    assert "no record uses it" in finding.message


def test_a_name_without_a_record_in_its_zone_is_a_warning() -> None:
    document = checked({"type": "TCP", "fqdn": "gone.iot.example.com", "port": 8883})
    (finding,) = judged(RULE, {"dns": document})
    assert finding.verdict is Verdict.WARN
    assert "no record of the zone iot.example.com that was passed has this name" in finding.message


@pytest.mark.parametrize(
    "record",
    [
        {"name": "gone", "type": "A", "records": ["198.51.100.1"]},
        {"name": "*", "type": "A", "records": ["198.51.100.1"]},
        {"name": "${each.value}", "type": "A", "records": ["198.51.100.1"]},
        {"name": "gone", "type": "NS", "records": ["ns.example.net"]},
    ],
)
def test_a_name_that_may_have_a_record_passes(record: Values) -> None:
    document = checked({"type": "TCP", "fqdn": "gone.iot.example.com", "port": 8883})
    record |= {"zone_id": "${aws_route53_zone.zone.zone_id}", "ttl": 60, "provider": "aws.west"}
    document["resource"]["aws_route53_record"]["more"] = record
    assert judged(RULE, {"dns": document}) == []


def test_a_name_of_a_zone_that_is_looked_up_may_have_a_record_elsewhere() -> None:
    document = checked({"type": "TCP", "fqdn": "gone.iot.example.com", "port": 8883})
    document["data"]["aws_route53_zone"] = document["resource"].pop("aws_route53_zone")
    for record in document["resource"]["aws_route53_record"].values():
        record["zone_id"] = "${data.aws_route53_zone.zone.zone_id}"
    assert judged(RULE, {"dns": document}) == []

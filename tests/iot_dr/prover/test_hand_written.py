"""Designs in hand-written Terraform JSON: two regions of AWS IoT behind one name."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet

NAME = "mqtt.iot.example.com"
REGIONS = {"west": "eu-west-1", "central": "eu-central-1"}
Document = dict[str, Any]


def design() -> Document:
    """PRIMARY in eu-west-1 and SECONDARY in eu-central-1, each with a TCP check of its region."""
    zone = "${aws_route53_zone.zone.zone_id}"
    sides = {"west": "PRIMARY", "central": "SECONDARY"}
    return {
        "provider": {"aws": [{"alias": key, "region": region} for key, region in REGIONS.items()]},
        "data": {
            "aws_iot_endpoint": {
                key: {"endpoint_type": "iot:Data-ATS", "provider": f"aws.{key}"} for key in REGIONS
            }
        },
        "resource": {
            "aws_route53_zone": {"zone": {"name": "iot.example.com", "provider": "aws.west"}},
            "aws_iot_domain_configuration": {
                key: {"name": "devices", "domain_name": NAME, "provider": f"aws.{key}"}
                | {"server_certificate_arns": [f"arn:aws:acm:{region}:111111111111:certificate/1"]}
                for key, region in REGIONS.items()
            },
            "aws_route53_health_check": {
                key: {"type": "TCP", "port": 8883, "fqdn": f"{key}.iot.example.com"}
                | {"failure_threshold": 3, "request_interval": 10, "provider": "aws.west"}
                for key in REGIONS
            },
            "aws_route53_record": {
                **{
                    f"regional_{key}": {"zone_id": zone, "name": f"{key}.iot.example.com"}
                    | {"type": "CNAME", "ttl": 60, "provider": "aws.west"}
                    | {"records": [f"${{data.aws_iot_endpoint.{key}.endpoint_address}}"]}
                    for key in REGIONS
                },
                **{
                    key: {"zone_id": zone, "name": NAME, "type": "CNAME", "ttl": 60}
                    | {"records": [f"{key}.iot.example.com"], "set_identifier": key}
                    | {"health_check_id": f"${{aws_route53_health_check.{key}.id}}"}
                    | {"failover_routing_policy": {"type": side}, "provider": "aws.west"}
                    for key, side in sides.items()
                },
            },
        },
    }


def with_certificates() -> Document:
    document = design()
    document["resource"]["aws_acm_certificate"] = {
        key: {"domain_name": NAME, "provider": f"aws.{key}"} for key in REGIONS
    }
    return document


def proof_of(document: Document) -> Proof:
    (proof,) = proofs(ResourceSet([read_configuration("dns", document)]))
    return proof


def changed(change: Callable[[Document], object]) -> Document:
    document = copy.deepcopy(design())
    change(document["resource"])
    return document


def switch(alarm: Document, check: Document) -> Document:
    """A switch of eu-west-1, which stands in eu-central-1, next to the region's TCP check."""

    def add(resource: Document) -> None:
        resource["aws_cloudwatch_metric_alarm"] = {
            "switch": {"alarm_name": "switch", "namespace": "Own", "metric_name": "Away"}
            | {"comparison_operator": "GreaterThanOrEqualToThreshold", "threshold": 1}
            | {"evaluation_periods": 1, "period": 60, "statistic": "Maximum"}
            | {"treat_missing_data": "ignore", "provider": "aws.central"}
            | alarm
        }
        resource["aws_route53_health_check"] |= {
            "switch": {"type": "CLOUDWATCH_METRIC", "provider": "aws.west"}
            | {"cloudwatch_alarm_name": "switch", "cloudwatch_alarm_region": "eu-central-1"}
            | {"insufficient_data_health_status": "LastKnownStatus"}
            | check,
            "both": {"type": "CALCULATED", "child_health_threshold": 2, "provider": "aws.west"}
            | {
                "child_healthchecks": [
                    "${aws_route53_health_check.west.id}",
                    "${aws_route53_health_check.switch.id}",
                ]
            },
        }
        both = "${aws_route53_health_check.both.id}"
        resource["aws_route53_record"]["west"]["health_check_id"] = both

    return changed(add)


def test_a_pair_with_a_check_of_each_region_is_proved() -> None:
    proof = proof_of(design())
    assert proof.is_proved
    assert proof.name == NAME
    assert not proof.notes


def test_what_a_tcp_check_cannot_see_is_listed() -> None:
    assert proof_of(design()).unseen == (
        "eu-west-1: AWS IoT accepts connections and does nothing more",
        "eu-west-1: the server certificate has expired",
    )


def test_the_shortest_sequence_is_a_sentence_with_the_statuses_behind_it() -> None:
    document = design()
    del document["resource"]["aws_route53_record"]["west"]["health_check_id"]
    (violation,) = proof_of(document).violations
    assert str(violation) == (
        "eu-west-1: AWS IoT accepts connections and does nothing more: mqtt.iot.example.com leads"
        " to eu-west-1, which does not serve (eu-west-1: AWS IoT accepts connections and does"
        " nothing more), while eu-central-1 would"
    )
    assert violation.reasons == (
        "mqtt.iot.example.com: PRIMARY, points to west.iot.example.com",
        "  PRIMARY uses nothing: healthy",
        "  SECONDARY uses dns/aws_route53_health_check.central: healthy",
    )


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        pytest.param(
            "aws_iot_domain_configuration.central",
            None,
            "no domain configuration in eu-central-1 serves mqtt.iot.example.com",
            id="the standby does not serve the name",
        ),
        pytest.param(
            "aws_iot_domain_configuration.central",
            {"status": "DISABLED"},
            "aws_iot_domain_configuration.central is disabled",
            id="the standby's domain configuration is disabled",
        ),
        pytest.param(
            "aws_route53_health_check.west",
            {"fqdn": "central.iot.example.com"},
            "leads to eu-west-1, which does not serve",
            id="the primary's check asks the standby",
        ),
        pytest.param(
            "aws_route53_health_check.west",
            {"disabled": True},
            "leads to eu-west-1, which does not serve",
            id="the primary's check is disabled",
        ),
        pytest.param(
            "aws_route53_health_check.west",
            {"invert_healthcheck": True},
            "the PRIMARY record of mqtt.iot.example.com is never healthy",
            id="the primary's check is inverted",
        ),
        pytest.param(
            "aws_iot_domain_configuration.central",
            {"service_type": "CREDENTIAL_PROVIDER"},
            "is of the service CREDENTIAL_PROVIDER, which serves no MQTT",
            id="the standby's domain configuration is of another service",
        ),
        pytest.param(
            "aws_iot_domain_configuration.central",
            {"server_certificate_arns": []},
            "aws_iot_domain_configuration.central has no server certificate",
            id="the standby's domain configuration has no certificate",
        ),
        pytest.param(
            "aws_iot_domain_configuration.central",
            {"server_certificate_arns": ["arn:aws:acm:eu-west-1:111111111111:certificate/1"]},
            "aws_iot_domain_configuration.central has a certificate of eu-west-1",
            id="the standby's certificate is in the primary's region",
        ),
        pytest.param(
            "aws_iot_domain_configuration.central",
            {"server_certificate_arns": ["${aws_acm_certificate.west.arn}"]},
            "aws_iot_domain_configuration.central has a certificate of eu-west-1",
            id="the standby refers to the primary's certificate",
        ),
        pytest.param(
            "aws_route53_health_check.central",
            {"ip_address": "10.0.0.1", "fqdn": None},
            "do not reach the private address 10.0.0.1",
            id="the standby's check connects to a private address",
        ),
        pytest.param(
            "aws_route53_health_check.central",
            {"port": 8884},
            "AWS IoT accepts no connection on port 8884",
            id="the standby's check asks a port that AWS IoT does not serve",
        ),
        pytest.param(
            "aws_route53_health_check.central",
            {"type": "HTTPS"},
            "AWS IoT answers 403",
            id="the standby's check asks AWS IoT by HTTPS",
        ),
        pytest.param(
            "aws_route53_record.central",
            {"records": ["west.iot.example.com"]},
            "nothing that mqtt.iot.example.com leads to serves",
            id="both sides lead to one region",
        ),
    ],
)
def test_a_broken_design_is_disproved(
    address: str, arguments: Document | None, expected: str
) -> None:
    type_, name = address.split(".")
    document = with_certificates()
    if arguments is None:
        del document["resource"][type_][name]
    else:
        document["resource"][type_][name] |= arguments
    proof = proof_of(document)
    assert not proof.is_proved
    text = "\n".join([*map(str, proof.violations), *proof.violations[0].reasons])
    assert expected in text


def test_a_record_leads_to_the_endpoint_of_devices() -> None:
    document = design()
    endpoint = document["data"]["aws_iot_endpoint"]["central"]
    for kind in ("iot:Jobs", "iot:CredentialProvider", "iot:Data"):
        endpoint["endpoint_type"] = kind
        (violation, *_) = proof_of(document).violations
        assert f"leads to the endpoint {kind}, not iot:Data-ATS" in str(violation)
    endpoint["endpoint_type"] = "${var.kind}"
    assert proof_of(document).is_proved


@pytest.mark.parametrize(
    "arguments",
    [
        {"service_type": "DATA", "status": "ENABLED"},
        {"server_certificate_arns": ["${aws_acm_certificate.central.arn}"]},
        {"server_certificate_arns": ["${var.certificate}"]},
    ],
)
def test_a_domain_configuration_in_another_form_serves(arguments: Document) -> None:
    document = with_certificates()
    document["resource"]["aws_iot_domain_configuration"]["central"] |= arguments
    assert proof_of(document).is_proved


@pytest.mark.parametrize(
    "host",
    [
        "health-west.example.net",
        "a1.execute-api.eu-west-1.amazonaws.com",
        "a1.lambda-url.eu-west-1.on.aws",
        "${aws_api_gateway_rest_api.west.id}.execute-api.eu-west-1.amazonaws.com",
        "${aws_lb.west.dns_name}",
    ],
)
def test_an_unknown_server_is_assumed_to_fail_whenever_a_device_cannot_connect(host: str) -> None:
    document = design()
    document["resource"]["aws_lb"] = {"west": {"name": "health", "provider": "aws.west"}}
    document["resource"]["aws_api_gateway_rest_api"] = {
        "west": {"name": "health", "provider": "aws.west"}
    }
    check = document["resource"]["aws_route53_health_check"]["west"]
    check |= {"type": "HTTPS", "port": 443, "fqdn": host, "resource_path": "/health"}
    proof = proof_of(document)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not any("eu-west-1" in fault for fault in proof.unseen)
    (note,) = proof.notes
    assert str(note) == (
        "aws_route53_health_check.west is assumed to fail whenever a device cannot connect in"
        " eu-west-1"
    )
    check["fqdn"] = "a1.execute-api.eu-central-1.amazonaws.com"
    assert not proof_of(document).is_proved


def test_an_https_check_of_an_unknown_name_is_assumed_to_follow_its_region() -> None:
    document = design()
    check = document["resource"]["aws_route53_health_check"]["west"]
    check |= {"type": "HTTPS", "port": 443, "fqdn": "${var.host}"}
    proof = proof_of(document)
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert any("cannot connect in eu-west-1" in str(note) for note in proof.notes)
    check |= {"type": "TCP"}
    assert not proof_of(document).is_proved


@pytest.mark.parametrize("alarm", [{}, {"unit": "None"}, {"period": 300}, {"period": "60"}])
def test_a_switch_that_holds_its_state_is_proved(alarm: Document) -> None:
    assert proof_of(switch(alarm, {})).is_proved


@pytest.mark.parametrize(
    ("alarm", "check", "expected"),
    [
        ({"threshold": 2}, {}, "still leads to"),
        ({"threshold": "${var.threshold}"}, {}, "still leads to"),
        ({"comparison_operator": "LessThanThreshold"}, {}, "still leads to"),
        ({"statistic": "SampleCount"}, {}, "still leads to eu-central-1"),
        ({"unit": "Count"}, {}, "still leads to"),
        ({"period": 3600}, {}, "still leads to"),
        ({"period": 30}, {}, "whose period of 30 s is under 60 s"),
        ({"period": "10"}, {}, "Route 53 reads no metric of high resolution"),
        ({"statistic": None, "extended_statistic": "p90"}, {}, "still leads to"),
        (
            {"metric_name": None, "metric_query": [{"id": "m", "expression": "1"}]},
            {},
            "still leads to",
        ),
        ({}, {"insufficient_data_health_status": "Healthy"}, "leads to eu-west-1 again"),
        (
            {"provider": "aws.west"},
            {"cloudwatch_alarm_region": "eu-west-1"},
            "the switch of eu-west-1 is in eu-west-1 itself",
        ),
        ({}, {"invert_healthcheck": True}, "is never healthy"),
    ],
)
def test_a_switch_that_does_not_move_devices_away_and_back_is_disproved(
    alarm: Document, check: Document, expected: str
) -> None:
    proof = proof_of(switch(alarm, check))
    assert not proof.is_proved
    assert expected in "\n".join(map(str, proof.violations))


def test_an_alarm_in_the_region_that_it_judges_must_fail_without_data() -> None:
    alarm = {"namespace": "AWS/IoT", "treat_missing_data": "breaching", "provider": "aws.west"}

    def judged(missing: str) -> Proof:
        region = {"cloudwatch_alarm_region": "eu-west-1"}
        document = switch(alarm, region | {"insufficient_data_health_status": missing})
        both = document["resource"]["aws_route53_health_check"]["both"]
        both |= {"child_healthchecks": both["child_healthchecks"][1:], "child_health_threshold": 1}
        return proof_of(document)

    assert judged("Unhealthy").is_proved
    assert not judged("LastKnownStatus").is_proved


def test_an_alarm_of_a_region_is_assumed_to_see_an_endpoint_there() -> None:
    def balanced(resource: Document) -> None:
        for key, region in REGIONS.items():
            resource.setdefault("aws_lb", {})[key] = {"name": key, "provider": f"aws.{key}"}
            resource.setdefault("aws_cloudwatch_metric_alarm", {})[key] = {
                "alarm_name": key,
                "namespace": "AWS/ApplicationELB",
                "provider": f"aws.{key}",
            }
            resource["aws_route53_health_check"][key] = {
                "type": "CLOUDWATCH_METRIC",
                "cloudwatch_alarm_name": key,
                "cloudwatch_alarm_region": region,
                "insufficient_data_health_status": "Unhealthy",
            }
            resource["aws_route53_record"][key]["records"] = [f"${{aws_lb.{key}.dns_name}}"]

    document = changed(balanced)
    assert proof_of(document).is_proved
    checks = document["resource"]["aws_route53_health_check"]
    checks["west"], checks["central"] = checks["central"], checks["west"]
    assert not proof_of(document).is_proved


def test_a_page_of_last_resort_needs_no_check() -> None:
    def page(resource: Document) -> None:
        record = resource["aws_route53_record"]["central"]
        record |= {"records": ["status.example.net"]}
        del record["health_check_id"]

    assert proof_of(changed(page)).is_proved


def test_names_in_a_cycle_and_unknown_checks_end_the_proof_with_notes() -> None:
    def cycle(resource: Document) -> None:
        record = resource["aws_route53_record"]["central"]
        del record["records"], record["ttl"]
        zone = record["zone_id"]
        record["alias"] = {"name": NAME, "zone_id": zone, "evaluate_target_health": True}
        record["health_check_id"] = "11111111-1111-1111-1111-111111111111"

    proof = proof_of(changed(cycle))
    assert any("is not declared here" in str(note) for note in proof.notes)


def test_thousands_of_names_are_proved() -> None:
    document = design()
    records = document["resource"]["aws_route53_record"]
    checks = document["resource"]["aws_route53_health_check"]
    for key in REGIONS:
        host = f"{key}.example.net"
        checks[f"web_{key}"] = {"type": "HTTPS", "fqdn": host, "provider": "aws.west"}
        web = {"records": [host], "health_check_id": f"${{aws_route53_health_check.web_{key}.id}}"}
        for number in range(2_500):
            name = f"web{number}.iot.example.com"
            records[f"{key}_{number}"] = {**records[key], **web, "name": name}
    results = proofs(ResourceSet([read_configuration("dns", document)]))
    assert len({proof.name for proof in results}) == 2_501
    assert all(proof.is_proved for proof in results)


def test_a_design_is_read_the_same_from_bytes_in_any_order() -> None:
    document = design()
    turned = json.loads(json.dumps(document))
    turned["resource"] = dict(reversed(turned["resource"].items()))
    assert proof_of(turned) == proof_of(document)

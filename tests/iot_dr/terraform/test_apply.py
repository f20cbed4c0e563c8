import base64
import re

import pytest

from tests.iot_dr.terraform.project import FRANKFURT, IRELAND, Project

pytestmark = pytest.mark.usefixtures("lent")

CERTIFICATE = {"domain_name": "*.example.com", "validation_method": "DNS"}
BOTH = {
    "ireland": {**CERTIFICATE, "provider": IRELAND},
    "frankfurt": {**CERTIFICATE, "provider": FRANKFURT},
}


def test_ids_and_arns_carry_account_service_and_region(project: Project) -> None:
    project.write(
        {
            "aws_acm_certificate": BOTH,
            "aws_iot_policy": {"p": {"name": "device", "policy": "{}", "provider": FRANKFURT}},
            "aws_kinesis_stream": {"s": {"name": "telemetry"}},
            "aws_s3_bucket": {"b": {"bucket": "example-state"}},
        },
        account="222222222222",
    )
    made = project.apply()
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    pattern = rf"arn:aws:acm:eu-central-1:222222222222:certificate/{uuid}"
    assert re.fullmatch(pattern, made["aws_acm_certificate.frankfurt"]["arn"])
    assert made["aws_acm_certificate.ireland"]["arn"].startswith("arn:aws:acm:eu-west-1:")
    assert made["aws_iot_policy.p"]["arn"] == (
        "arn:aws:iot:eu-central-1:222222222222:policy/device"
    )
    assert made["aws_kinesis_stream.s"]["arn"].startswith(
        "arn:aws:kinesis:eu-west-1:222222222222:stream/"
    )
    assert made["aws_s3_bucket.b"]["id"] == "example-state"
    assert project.plans_nothing()


def test_a_name_has_one_validation_token_in_every_region_of_an_account(project: Project) -> None:
    project.write(
        {"aws_acm_certificate": {**BOTH, "bare": {**CERTIFICATE, "domain_name": "example.com"}}}
    )
    made = project.apply()
    records = {
        (option["resource_record_name"], option["resource_record_value"])
        for kept in made.values()
        for option in kept["domain_validation_options"]
    }
    ((name, value),) = records
    assert re.fullmatch(r"_[0-9a-f]{32}\.example\.com\.", name)
    assert value.endswith(".acm-validations.aws.")
    assert len({kept["arn"] for kept in made.values()}) == 3


def test_an_imported_certificate_has_nothing_to_validate(project: Project) -> None:
    imported = {"certificate_body": "public", "private_key": "secret"}
    project.write({"aws_acm_certificate": {"c": imported}})
    made = project.apply()["aws_acm_certificate.c"]
    assert made["domain_validation_options"] == []
    assert made["arn"].startswith("arn:aws:acm:eu-west-1:111111111111:certificate/")
    assert project.plans_nothing()


def test_another_account_has_another_validation_token(project: Project) -> None:
    project.write({"aws_acm_certificate": {"c": CERTIFICATE}}, account="222222222222")
    first = project.apply()["aws_acm_certificate.c"]["domain_validation_options"]
    project.write({"aws_acm_certificate": {"d": CERTIFICATE}}, account="333333333333")
    assert project.apply()["aws_acm_certificate.d"]["domain_validation_options"] != first


def test_every_zone_is_a_zone_of_its_own(project: Project) -> None:
    project.write({"aws_route53_zone": {"a": {"name": "e.com"}, "b": {"name": "e.com"}}})
    first, second = project.apply().values()
    assert first["zone_id"] != second["zone_id"]
    assert re.fullmatch(r"Z[0-9A-F]{20}", first["zone_id"])
    assert len(set(first["name_servers"])) == 4
    assert first["primary_name_server"] in first["name_servers"]
    assert all(re.fullmatch(r"ns-\d+\.awsdns-\d\d\.\S+", name) for name in first["name_servers"])


def test_a_record_s_id_follows_from_its_content(project: Project) -> None:
    record = {
        "zone_id": "Z1",
        "name": "MQTT.example.com.",
        "type": "CNAME",
        "ttl": 60,
        "records": ["a.example.com"],
        "set_identifier": "eu-west-1",
        "failover_routing_policy": [{"type": "PRIMARY"}],
    }
    project.write({"aws_route53_record": {"r": record}})
    made = project.apply()["aws_route53_record.r"]
    assert made["id"] == "Z1_mqtt.example.com_CNAME_eu-west-1"
    assert made["fqdn"] == "mqtt.example.com"
    assert project.plans_nothing()


def test_an_endpoint_belongs_to_its_region_and_stays(project: Project) -> None:
    asked = {"endpoint_type": "iot:Data-ATS"}
    project.write(
        {},
        data={"aws_iot_endpoint": {"i": asked, "f": {**asked, "provider": FRANKFURT}}},
        outputs={
            "ireland": "${data.aws_iot_endpoint.i.endpoint_address}",
            "frankfurt": "${data.aws_iot_endpoint.f.endpoint_address}",
        },
    )
    project.apply()
    outputs = project.terraform.show()["values"]["outputs"]
    for output, region in (("ireland", "eu-west-1"), ("frankfurt", "eu-central-1")):
        name = rf"a\w{{13}}-ats\.iot\.{region}\.amazonaws\.com"
        assert re.fullmatch(name, outputs[output]["value"])
    assert project.plans_nothing()


def test_the_state_says_who_wrote_it(project: Project) -> None:
    project.write({"aws_route53_zone": {"z": {"name": "example.com"}}})
    project.apply()
    (zone,) = project.state()["resources"]
    private = base64.b64decode(zone["instances"][0]["private"])
    assert b"iot-dr-standin" in private


def test_what_is_gone_from_the_stack_is_destroyed(project: Project) -> None:
    project.write({"aws_route53_zone": {"z": {"name": "example.com"}}})
    project.apply()
    project.write({})
    assert project.plan()["aws_route53_zone.z"]["actions"] == ["delete"]
    assert project.apply() == {}

import json
from typing import Any

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from modules.checker_regions import CHECKER_REGIONS
from tests.iot_dr.terraform.project import Project

pytestmark = pytest.mark.usefixtures("lent")

CERTIFICATE = {"domain_name": "*.example.com", "validation_method": "DNS"}
CHECK = {"type": "TCP", "fqdn": "a.b", "port": 443, "regions": list(CHECKER_REGIONS)}
RECORD = {"zone_id": "${aws_route53_zone.z.zone_id}", "type": "CNAME", "ttl": 60}
ZONE = {"aws_route53_zone": {"z": {"name": "example.com"}}}

CHANGES: dict[str, tuple[str, dict[str, Any], dict[str, Any], list[Any]]] = {
    "zone's comment": (
        "aws_route53_zone",
        {"name": "example.com"},
        {"name": "example.com", "comment": "new"},
        [],
    ),
    "zone's name": (
        "aws_route53_zone",
        {"name": "example.com"},
        {"name": "example.org"},
        [["name"]],
    ),
    "check's interval": (
        "aws_route53_health_check",
        {**CHECK, "request_interval": 30},
        {**CHECK, "request_interval": 10},
        [["request_interval"]],
    ),
    "check's threshold": (
        "aws_route53_health_check",
        {**CHECK, "failure_threshold": 3},
        {**CHECK, "failure_threshold": 2},
        [],
    ),
    "certificate's names": (
        "aws_acm_certificate",
        CERTIFICATE,
        {**CERTIFICATE, "subject_alternative_names": ["example.com"]},
        [["subject_alternative_names"]],
    ),
    "domain's TLS policy": (
        "aws_iot_domain_configuration",
        {"name": "d", "tls_config": [{"security_policy": "IoTSecurityPolicy_TLS13_1_2_2022_10"}]},
        {"name": "d", "tls_config": [{"security_policy": "IoTSecurityPolicy_TLS13_1_3_2022_10"}]},
        [],
    ),
    "domain's certificate": (
        "aws_iot_domain_configuration",
        {
            "name": "d",
            "server_certificate_arns": ["arn:aws:acm:eu-west-1:111111111111:certificate/1"],
        },
        {
            "name": "d",
            "server_certificate_arns": ["arn:aws:acm:eu-west-1:111111111111:certificate/2"],
        },
        [["server_certificate_arns"]],
    ),
    "bucket's region": (
        "aws_s3_bucket",
        {"bucket": "example-state"},
        {"bucket": "example-state", "region": "eu-central-1"},
        [["region"]],
    ),
}


def test_what_aws_decides_is_unknown_until_apply(project: Project) -> None:
    project.write(
        {**ZONE, "aws_route53_record": {"r": {**RECORD, "name": "a", "records": ["b.example.com"]}}}
    )
    changes = project.plan()
    zone, record = changes["aws_route53_zone.z"], changes["aws_route53_record.r"]
    assert zone["actions"] == ["create"]
    assert {"id", "zone_id", "arn", "name_servers"} <= zone["after_unknown"].keys()
    assert record["after_unknown"]["zone_id"] is True
    assert record["after"]["records"] == ["b.example.com"]


def test_defaults_and_common_tags_are_known_at_plan(project: Project) -> None:
    project.write({"aws_route53_zone": {"z": {"name": "Example.com.", "tags": {"owner": "iot"}}}})
    after = project.plan()["aws_route53_zone.z"]["after"]
    assert after["comment"] == "Managed by Terraform"
    assert after["force_destroy"] is False
    assert after["tags_all"] == {"project": "example", "owner": "iot"}
    assert after["name"] == "example.com"


def test_for_each_may_go_over_the_names_to_validate(project: Project) -> None:
    options = "aws_acm_certificate.c.domain_validation_options"
    validation = {
        **RECORD,
        "for_each": f"${{{{for o in {options} : o.domain_name => o}}}}",
        "name": "${each.value.resource_record_name}",
        "records": ["${each.value.resource_record_value}"],
    }
    certificate = {**CERTIFICATE, "subject_alternative_names": ["example.com"]}
    project.write(
        {**ZONE, "aws_acm_certificate": {"c": certificate}, "aws_route53_record": {"v": validation}}
    )
    addresses = project.plan().keys()
    assert 'aws_route53_record.v["*.example.com"]' in addresses
    assert 'aws_route53_record.v["example.com"]' in addresses


@pytest.mark.parametrize(("kind", "before", "after", "replaced"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_an_update_or_a_replacement(
    project: Project,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    replaced: list[Any],
) -> None:
    project.write({kind: {"x": before}})
    made = project.apply()[f"{kind}.x"]
    assert project.plans_nothing()
    project.write({kind: {"x": after}})
    change = project.plan()[f"{kind}.x"]
    assert change["actions"] == (["delete", "create"] if replaced else ["update"])
    assert change.get("replace_paths", []) == replaced
    assert change["after"].get("id") == (None if replaced else made["id"])


def test_order_in_a_set_changes_nothing(project: Project) -> None:
    names = ["c.example.com", "a.example.com", "b.example.com"]
    project.write(
        {"aws_acm_certificate": {"c": {**CERTIFICATE, "subject_alternative_names": names}}}
    )
    project.apply()
    names.reverse()
    project.write(
        {"aws_acm_certificate": {"c": {**CERTIFICATE, "subject_alternative_names": names}}}
    )
    assert project.plans_nothing()


def test_a_private_key_is_marked_sensitive(project: Project) -> None:
    imported = {"certificate_body": "public", "private_key": "secret"}
    project.write({"aws_acm_certificate": {"c": imported}})
    assert project.plan()["aws_acm_certificate.c"]["after_sensitive"]["private_key"] is True


def test_a_state_of_another_provider_is_left_alone(project: Project) -> None:
    project.write(ZONE)
    project.apply()
    state = project.state()
    del state["resources"][0]["instances"][0]["private"]
    real = json.dumps(state)
    project.state_file.write_text(real)
    with pytest.raises(TerraformError, match="State of another provider"):
        project.plan()
    assert project.state_file.read_text() == real


def test_a_provider_without_a_region_is_refused(project: Project) -> None:
    project.write(ZONE)
    stack = project.folder / "cdk.tf.json"
    stack.write_text(stack.read_text().replace('"region": "eu-west-1",', ""))
    with pytest.raises(TerraformError, match="Missing region") as caught:
        project.plan()
    assert {diagnostic.severity for diagnostic in caught.value.diagnostics} == {"error"}


POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:Connect"}]}
OTHERWISE = json.dumps(dict(reversed(POLICY.items())), indent=2)


def test_blocks_that_aws_fills_are_unknown_until_apply(project: Project) -> None:
    project.write(
        {
            "aws_s3_bucket": {"b": {"bucket": "example-state"}},
            "aws_acm_certificate": {"c": CERTIFICATE},
        }
    )
    changes = project.plan()
    assert changes["aws_s3_bucket.b"]["after_unknown"]["versioning"] is True
    assert changes["aws_acm_certificate.c"]["after_unknown"]["options"] is True
    made = project.apply()
    assert made["aws_s3_bucket.b"]["versioning"] == []
    assert project.plans_nothing()


def test_a_set_with_an_unknown_member_is_unknown_as_a_whole(project: Project) -> None:
    record = {"zone_id": "Z1", "name": "a.example.com", "type": "CNAME", "ttl": 60}
    unknown = "${aws_route53_zone.z.primary_name_server}"
    project.write(
        {
            "aws_route53_zone": {"z": {"name": "example.com"}},
            "aws_route53_record": {"r": {**record, "records": [unknown, "b.example.com"]}},
        }
    )
    assert project.plan()["aws_route53_record.r"]["after_unknown"]["records"] is True
    assert "b.example.com" in project.apply()["aws_route53_record.r"]["records"]
    assert project.plans_nothing()


def test_another_spelling_of_a_policy_causes_no_change(project: Project) -> None:
    role = {"assume_role_policy": json.dumps(POLICY), "name": "r"}
    project.write(
        {
            "aws_iot_policy": {"p": {"name": "p", "policy": json.dumps(POLICY)}},
            "aws_iam_role": {"r": role},
            "aws_iam_role_policy": {"p": {"role": "r", "policy": json.dumps(POLICY)}},
        }
    )
    made = project.apply()
    assert made["aws_iam_role.r"]["arn"] == "arn:aws:iam::111111111111:role/r"
    assert made["aws_iam_role.r"]["max_session_duration"] == 3600
    project.write(
        {
            "aws_iot_policy": {"p": {"name": "p", "policy": OTHERWISE}},
            "aws_iam_role": {"r": {**role, "assume_role_policy": OTHERWISE}},
            "aws_iam_role_policy": {"p": {"role": "r", "policy": OTHERWISE}},
        }
    )
    assert project.plans_nothing()


def test_a_policy_that_is_known_after_apply_causes_no_change_later(project: Project) -> None:
    policy = '{"Version": "2012-10-17", "Resource": "${aws_s3_bucket.b.arn}", "Effect": "Deny"}'
    project.write(
        {
            "aws_s3_bucket": {"b": {"bucket": "example-state"}},
            "aws_s3_bucket_policy": {"p": {"bucket": "example-state", "policy": policy}},
        }
    )
    project.apply()
    assert project.plans_nothing()

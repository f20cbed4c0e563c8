"""Plans show as unknown, and as unchanged, what the official provider's plans do."""

import json

import pytest

from tests.iot_dr.terraform.project import Project

pytestmark = pytest.mark.usefixtures("lent")

CERTIFICATE = {"domain_name": "*.example.com", "validation_method": "DNS"}
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

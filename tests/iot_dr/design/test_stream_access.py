import json
from typing import Any

import pytest

from iot_dr.design.stream_access import mapping_deviations, rule_deviations
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.rules.designs import Documents, ours_with_data, resources

TELEMETRY = "iot-dev-telemetry-eu-central-1"
STREAM, POLICY = "aws_kinesis_stream", "aws_iam_role_policy"
RULE, MAPPING = "aws_iot_topic_rule", "aws_lambda_event_source_mapping"
ALIAS = {"kms_key_id": "alias/own"}


def what_is_missing(documents: Documents) -> list[str]:
    """Return what the roles of a region may not do with its stream."""
    declared = ResourceSet([read_configuration(TELEMETRY, documents[TELEMETRY])])
    (rule,), (mapping,) = declared.of_type(RULE), declared.of_type(MAPPING)
    sentences = (
        *rule_deviations(declared, rule),
        *mapping_deviations(declared, mapping),
    )
    assert all("cannot use aws_kinesis_stream.telemetry: its role" in each for each in sentences)
    return [sentence.rpartition(" ")[2] for sentence in sentences]


def with_key(values: dict[str, Any]) -> Documents:
    documents = ours_with_data()
    resources(documents, TELEMETRY, STREAM)["telemetry"] |= values
    return documents


def add(documents: Documents, role: str, action: str, region: str) -> None:
    """Add a statement about the keys of a region to a role's policy."""
    values = resources(documents, TELEMETRY, POLICY)[role]
    policy = json.loads(values["policy"])
    key = f"arn:aws:kms:{region}:111111111111:key/*"
    policy["Statement"] += [{"Effect": "Allow", "Action": action, "Resource": key}]
    values["policy"] = json.dumps(policy)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("alias/aws/kinesis", []),
        ("${var.key}", []),
        ("alias/own", ["kms:GenerateDataKey", "kms:Decrypt"]),
    ],
)
def test_a_stream_with_a_customer_s_key_needs_permissions_for_it(
    key: str, expected: list[str]
) -> None:
    assert what_is_missing(with_key({"kms_key_id": key})) == expected


@pytest.mark.parametrize("encryption", [None, "NONE"])
def test_a_stream_without_encryption_needs_none(encryption: str | None) -> None:
    assert what_is_missing(with_key({**ALIAS, "encryption_type": encryption})) == []


@pytest.mark.parametrize(("region", "expected"), [("eu-central-1", 0), ("eu-west-1", 2)])
def test_the_permissions_are_for_keys_of_the_stream_s_region(region: str, expected: int) -> None:
    documents = with_key(ALIAS)
    add(documents, "telemetry_rule", "kms:GenerateDataKey", region)
    add(documents, "telemetry", "kms:Decrypt", region)
    assert len(what_is_missing(documents)) == expected


def test_the_policy_of_a_declared_key_may_allow_them() -> None:
    documents = with_key({"kms_key_id": "${aws_kms_key.own.arn}"})
    keys = resources(documents, TELEMETRY, "aws_kms_key")
    keys["own"] = {"provider": "aws.eu_central_1"}
    assert len(what_is_missing(documents)) == 2
    keys["own"]["policy"] = "${var.policy}"
    assert what_is_missing(documents) == []


def test_a_rule_puts_records_into_its_stream_and_a_function_reads_them() -> None:
    documents = ours_with_data()
    for values in resources(documents, TELEMETRY, POLICY).values():
        values["policy"] = values["policy"].replace("kinesis:", "kinesisanalytics:")
    assert what_is_missing(documents) == ["kinesis:PutRecord", "kinesis:GetRecords"]

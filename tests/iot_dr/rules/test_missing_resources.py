import pytest

from iot_dr.rules.device_path_differs import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import (
    FRANKFURT,
    IRELAND,
    judged,
    our_settings,
    ours,
    planned,
    resources,
)

POLICY = "aws_iot_policy"


def test_a_resource_that_our_standby_lacks_blocks() -> None:
    documents = ours()
    del resources(documents, FRANKFURT, POLICY)["device"]
    (finding,) = judged(RULE, documents, our_settings())
    assert (finding.verdict, finding.stack) == (Verdict.BLOCK, FRANKFURT)
    assert "eu-central-1 lacks aws_iot_policy.device, which eu-west-1 has" in finding.message


def test_a_resource_that_the_primary_lacks_is_not_reported() -> None:
    documents = ours()
    del resources(documents, IRELAND, POLICY)["device"]
    assert judged(RULE, documents, our_settings()) == []


def test_the_primary_is_the_one_of_the_settings() -> None:
    documents = ours(2, "eu-central-1")
    del resources(documents, IRELAND, POLICY)["device"]
    (finding,) = judged(RULE, documents, our_settings(2, "eu-central-1"))
    assert finding.stack == IRELAND


def test_homes_certificate_is_handed_over_and_not_missing() -> None:
    documents = ours(2, "eu-central-1")
    assert "aws_acm_certificate" not in documents[IRELAND]["resource"]
    assert judged(RULE, documents, our_settings(2, "eu-central-1")) == []
    resources(documents, FRANKFURT, "aws_sqs_queue")["dead"] = {"provider": "aws.eu_central_1"}
    assert len(judged(RULE, documents, our_settings(2, "eu-central-1"))) == 1


@pytest.mark.parametrize("regions", [3, 5])
def test_every_standby_that_lacks_it_is_reported(regions: int) -> None:
    documents = ours(regions)
    resources(documents, IRELAND, "aws_sqs_queue")["dead_letters"] = {"provider": "aws.eu_west_1"}
    assert len(judged(RULE, documents, our_settings(regions))) == regions - 1


def test_ids_that_hold_their_region_are_the_same_thing() -> None:
    documents = ours()
    for stack, region in ((IRELAND, "eu_west_1"), (FRANKFURT, "eu_central_1")):
        resources(documents, stack, "aws_sqs_queue")[f"dead_{region}"] = {
            "provider": f"aws.{region}"
        }
    assert judged(RULE, documents, our_settings()) == []


def test_somebody_elses_stacks_are_warned_of() -> None:
    documents = ours()
    resources(documents, IRELAND, "aws_sqs_queue")["dead_letters"] = {"provider": "aws.eu_west_1"}
    foreign = {name.replace("iot-dev", "platform"): body for name, body in documents.items()}
    for known in (None, our_settings()):
        (finding,) = judged(RULE, foreign, known)
        assert finding.verdict is Verdict.WARN


def test_what_belongs_to_no_region_or_has_a_replica_is_not_missing_elsewhere() -> None:
    documents = ours()
    resources(documents, IRELAND, "aws_iam_role")["once"] = {"provider": "aws.eu_west_1"}
    resources(documents, IRELAND, "aws_dynamodb_table")["state"] = {
        "provider": "aws.eu_west_1",
        "name": "state",
        "replica": {"region_name": "eu-central-1"},
    }
    assert judged(RULE, documents) == []


def test_a_table_that_is_missing_is_to_come_as_a_replica() -> None:
    documents = ours()
    west = {"provider": "aws.eu_west_1", "name": "state"}
    resources(documents, IRELAND, "aws_dynamodb_table")["state"] = west
    resources(documents, IRELAND, "aws_sqs_queue")["dead_letters"] = {"provider": "aws.eu_west_1"}
    queue, table = sorted(each.message for each in judged(RULE, documents, our_settings()))[::-1]
    assert "For a table create a replica" in table
    assert "create it there too" in queue
    assert "replica" not in queue


def test_regions_in_one_document_are_compared_by_the_needs_of_iot() -> None:
    findings = [
        finding
        for finding in judged(RULE, planned("device-path-differs", "bad"))
        if " has no " in finding.message
    ]
    assert {each.verdict for each in findings} == {Verdict.WARN}
    assert {each.address for each in findings} == {
        "aws_iot_topic_rule.primary",
        "aws_kinesis_stream.telemetry",
    }
    assert any(
        "eu-central-1 has no aws_iot_topic_rule where eu-west-1 has 1" in finding.message
        for finding in findings
    )

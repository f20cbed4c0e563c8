from typing import Any

import pytest

from iot_dr.rules.resource_without_provider import RULE
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.designs import FRANKFURT, judged, ours, planned, resources, where

POLICY = "aws_iot_policy"


def test_a_resource_that_names_none_is_refused() -> None:
    documents = ours()
    del resources(documents, FRANKFURT, POLICY)["device"]["provider"]
    findings = judged(RULE, documents)
    assert where(findings) == {f"{FRANKFURT}/{POLICY}.device"}
    assert findings[0].verdict is Verdict.BLOCK
    assert "Set `provider` to one of aws.eu_central_1" in findings[0].message


def test_a_data_source_that_names_none_is_refused() -> None:
    documents = ours()
    del documents[FRANKFURT]["data"]["aws_iot_endpoint"]["data_ats"]["provider"]
    assert where(judged(RULE, documents)) == {f"{FRANKFURT}/data.aws_iot_endpoint.data_ats"}


def test_terraforms_own_resources_have_no_provider() -> None:
    documents = ours()
    assert documents[FRANKFURT]["resource"]["terraform_data"]
    assert judged(RULE, documents) == []


@pytest.mark.parametrize("providers", [{"region": "eu-west-1"}, [{"region": "eu-west-1"}], []])
def test_a_provider_without_alias_and_no_provider_at_all_pass(providers: object) -> None:
    documents = ours()
    del resources(documents, FRANKFURT, POLICY)["device"]["provider"]
    documents[FRANKFURT]["provider"] = {"aws": providers}
    assert judged(RULE, documents) == []


def test_a_resource_of_another_provider_passes() -> None:
    documents = ours()
    resources(documents, FRANKFURT, "random_id")["name"] = {"byte_length": 4}
    assert judged(RULE, documents) == []


def test_a_data_source_that_only_makes_a_text_needs_none() -> None:
    documents = ours()
    documents[FRANKFURT]["data"]["aws_iam_policy_document"] = {"trust": {"statement": []}}
    assert judged(RULE, documents) == []


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Verdict.BLOCK),
        ({"variable": {"name": {"default": "iot"}}}, Verdict.WARN),
        ({"output": {"arn": {"value": "a"}}}, Verdict.WARN),
        ({"output": {"arn": {"value": "a"}}, "terraform": {"backend": {"s3": {}}}}, Verdict.BLOCK),
    ],
)
def test_a_child_module_may_get_its_provider_from_its_caller(
    more: dict[str, Any], verdict: Verdict
) -> None:
    document = {
        "provider": {"aws": [{"alias": "global", "region": "us-east-1"}]},
        "resource": {POLICY: {"device": {"name": "device"}}},
    }
    (finding,) = judged(RULE, {"module": document | more})
    assert finding.verdict is verdict
    assert ("its caller passes `aws`" in finding.message) is (verdict is Verdict.WARN)


def test_a_plan_which_may_have_an_empty_provider_is_warned_of_with_both_readings() -> None:
    (finding,) = judged(RULE, planned("resource-without-provider", "bad"))
    assert (finding.verdict, finding.address) == (Verdict.WARN, None)
    assert finding.message.startswith("aws_iot_policy.device_standby: `aws` without alias")
    assert "set one of aws.primary, aws.standby" in finding.message
    assert 'Or `provider "aws" {}` is intended' in finding.message

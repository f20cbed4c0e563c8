import json

import pytest

from iot_dr.rules.catalogue import RULES
from iot_dr.rules.https_check_on_iot_name import RULE as HTTPS_CHECK
from iot_dr.rules.rule import Verdict
from tests.iot_dr.rules.case_plans import CASES, SAMPLE, sample
from tests.iot_dr.rules.designs import judged, planned

BY_ID = {rule.id: rule for rule in RULES}
# They judge settings, not a plan.
NEED_NO_CASE = {"devices-unknown-in-standby", "recovery-over-target"}
IN_A_CASE = sorted(BY_ID.keys() - NEED_NO_CASE)
# A HTTPS check on an IoT name has this trouble, too, whatever its TLS policy is.
BESIDES = {"tls-policy-without-1-2": {"https-check-on-iot-name"}}


@pytest.mark.parametrize("rule", IN_A_CASE)
def test_a_plan_of_hcl_that_violates_a_rule_is_found_by_that_rule_alone(rule: str) -> None:
    result = {each.rule for first in RULES for each in judged(first, planned(rule, "bad"))}
    assert result == {rule} | BESIDES.get(rule, set())


@pytest.mark.parametrize("rule", IN_A_CASE)
def test_the_good_plan_of_a_case_passes_every_rule(rule: str) -> None:
    documents = planned(rule, "good")
    assert documents
    assert [each for first in RULES for each in judged(first, documents)] == []


def test_every_rule_but_those_of_settings_has_a_case_and_every_case_a_rule() -> None:
    assert sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()) == sorted(
        [*IN_A_CASE, "naive-design"]
    )


def test_the_naive_design_is_refused_with_the_sentence_that_explains_it() -> None:
    documents = planned("naive-design", "bad")
    findings = judged(HTTPS_CHECK, documents)
    assert {each.address for each in findings} == {
        "aws_route53_health_check.primary",
        "aws_route53_health_check.shared",
    }
    for finding in findings:
        assert finding.verdict is Verdict.BLOCK
        assert "IoT answers 403 to a caller without credentials" in finding.message
        assert "always unhealthy, in every region" in finding.message
        assert "Route 53 answers with the PRIMARY" in finding.message


def test_the_naive_design_shows_every_trap_that_is_in_it() -> None:
    documents = planned("naive-design", "bad")
    assert {each.rule for rule in RULES for each in judged(rule, documents)} == {
        "https-check-on-iot-name",
        "failover-record-at-apex",
        "check-on-failover-name",
        "failover-pair-incomplete",
        "failover-record-without-check",
        "validation-record-owned-twice",
        "device-path-differs",
        "tls-policy-without-1-2",
    }


def test_the_readmes_sample_is_the_plan_of_the_naive_design() -> None:
    # What a data source reads of the made-up account differs between runs.
    left_out = {"prior_state", "terraform_version"}
    remaining = json.loads(SAMPLE.read_bytes())
    assert remaining.keys() == sample().keys()
    assert [key for key in remaining.keys() - left_out if remaining[key] != sample()[key]] == []

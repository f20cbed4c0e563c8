"""The module that other tools import to judge Terraform."""

import json
from pathlib import Path

import pytest

from iot_dr.judging import (
    AcceptedRule,
    ResourceSet,
    UserError,
    Verdict,
    judge,
    not_judged,
    proofs,
    read_files,
)
from tests.support.judge_example import MSGSPEC_ALONE, PLAN, example_output

RULE = "failover-record-without-check"


def test_it_needs_no_settings_no_engine_and_nothing_to_install_but_msgspec() -> None:
    assert example_output("-c", MSGSPEC_ALONE) == example_output()


def test_an_accepted_rule_is_reported_apart_with_its_reason() -> None:
    resources = ResourceSet(read_files([PLAN]).stacks)
    accepted = judge(resources, suppressions=[AcceptedRule(rule=RULE, reason="known")])
    assert [(each.finding.rule, each.reason) for each in accepted.suppressed] == [(RULE, "known")]
    assert RULE not in {finding.rule for finding in accepted.findings}
    assert accepted.verdict is Verdict.BLOCK


def test_what_no_proof_covers_is_named(tmp_path: Path) -> None:
    record = {
        "zone_id": "Z1",
        "name": "x.example.com",
        "type": "A",
        "ttl": 60,
        "records": ["1.2.3.4"],
    }
    weighted = {**record, "set_identifier": "one", "weighted_routing_policy": {"weight": 1}}
    file = tmp_path / "main.tf.json"
    file.write_text(json.dumps({"resource": {"aws_route53_record": {"one": weighted}}}))
    resources = ResourceSet(read_files([file]).stacks)
    assert proofs(resources) == ()
    assert any("x.example.com" in note for note in not_judged(resources))


def test_a_file_that_is_not_terraforms_is_an_error_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}")
    with pytest.raises(UserError, match="not Terraform's"):
        read_files([file])

"""The module that other tools import to judge Terraform."""

import json
import subprocess
import sys
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
from tests.support.command import plain_environment
from tests.support.judge_example import EXAMPLE, MSGSPEC_ALONE, PLAN, example_output

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


def test_a_set_without_resources_or_failover_is_not_judged(tmp_path: Path) -> None:
    plan = {"format_version": "1.2", "planned_values": {"root_module": {}}}
    (tmp_path / "empty.json").write_text(json.dumps(plan))
    resources = ResourceSet(read_files([tmp_path / "empty.json"]).stacks)
    assert not_judged(resources) == ("empty: contains no resources",)
    thing = {"resource": {"aws_iot_thing": {"one": {"name": "one"}}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(thing))
    resources = ResourceSet(read_files([tmp_path / "main.tf.json"]).stacks)
    assert not_judged(resources) == ("no record has a failover policy, so no failover is judged",)


def test_what_a_rule_does_not_judge_is_named(tmp_path: Path) -> None:
    kind = {"type": "aws_route53_record", "name": "r", "mode": "managed"}
    kind["provider_name"] = "registry.terraform.io/hashicorp/aws"
    references = {"references": ["var.x"]}
    record = {**kind, "address": "aws_route53_record.r", "expressions": {"name": references}}
    planned = [
        {**kind, "address": f'aws_route53_record.r["{region}"]', "index": region, "values": {
            "zone_id": "Z1", "type": "CNAME", "ttl": 60, "records": [f"a.iot.{region}.example"],
            "set_identifier": region, "failover_routing_policy": [{"type": role}],
        }}
        for role, region in (("PRIMARY", "eu-west-1"), ("SECONDARY", "eu-central-1"))
    ]  # fmt: skip
    change = {"actions": ["create"], "before": None, "after_unknown": {"name": True}}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [
            {**each, "change": {**change, "after": each["values"]}} for each in planned
        ],
        "configuration": {"root_module": {"resources": [record]}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    resources = ResourceSet(read_files([tmp_path / "plan.json"]).stacks)
    by_rules = judge(resources).not_judged
    assert any("a plan has no functions" in note for note in by_rules)
    assert {*by_rules} <= {*not_judged(resources)}


def test_to_pass_no_file_is_an_error_of_the_user() -> None:
    with pytest.raises(UserError, match="no file"):
        read_files([])


def test_the_example_reports_a_file_that_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("{}")
    command = [sys.executable, str(EXAMPLE), str(file)]
    done = subprocess.run(
        command, env=plain_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "plan.json: is JSON, but not Terraform's" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_terraforms_is_an_error_of_the_user(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("{}")
    with pytest.raises(UserError, match="not Terraform's"):
        read_files([file])

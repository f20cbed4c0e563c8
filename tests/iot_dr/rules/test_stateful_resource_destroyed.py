import re
from typing import Any

import pytest

from iot_dr.rules.rule import Verdict
from iot_dr.rules.stateful_resource_destroyed import RULE
from tests.iot_dr.rules.designs import judged, ours, planned
from tests.support.settings import settings

REPLACED, DESTROYED = ["delete", "create"], ["delete"]
HEALTH_CHECK = "aws_route53_health_check"


def change(
    type_: str, actions: list[str], before: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return one change of a plan."""
    after = {"name": "x"} if "create" in actions or actions == ["update"] else None
    expected = {"actions": actions, "before": before or {"id": "x1"}, "after": after, **more}
    return {
        "address": f"{type_}.it",
        "mode": "managed",
        "type": type_,
        "name": "it",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": expected,
    }


def plan(*changes: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a plan with these changes and outputs."""
    return {
        "platform": {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {}},
            "resource_changes": list(changes),
            "configuration": {"root_module": {"outputs": outputs or {}}},
        }
    }


@pytest.mark.parametrize(
    "type_",
    [
        "aws_route53_zone",
        "aws_acm_certificate",
        "aws_iot_domain_configuration",
        "aws_iot_ca_certificate",
        "aws_dynamodb_table",
        "aws_s3_bucket",
        "aws_kinesis_stream",
        "aws_kms_key",
    ],
)
@pytest.mark.parametrize("actions", [REPLACED, ["create", "delete"], DESTROYED])
def test_a_stateful_resource_that_goes_is_refused(type_: str, actions: list[str]) -> None:
    (finding,) = judged(RULE, plan(change(type_, actions)))
    assert (finding.verdict, finding.address) == (Verdict.BLOCK, f"{type_}.it")


@pytest.mark.parametrize("actions", [["create"], ["update"], ["no-op"], ["read"], ["forget"]])
def test_other_changes_of_it_pass(actions: list[str]) -> None:
    assert judged(RULE, plan(change("aws_route53_zone", actions))) == []


def test_a_resource_that_can_be_recreated_may_be_destroyed() -> None:
    assert judged(RULE, plan(change("aws_iot_policy", REPLACED))) == []


def test_the_attribute_that_forces_the_replacement_is_named() -> None:
    forced = plan(change("aws_route53_zone", REPLACED, replace_paths=[["name"], ["vpc", 0, "id"]]))
    (finding,) = judged(RULE, forced)
    assert "forced by name, vpc" in finding.message
    (finding,) = judged(RULE, plan(change("aws_route53_zone", DESTROYED)))
    assert finding.message.startswith("the plan destroys it: ")


def test_replacing_a_handed_over_check_is_refused_with_the_safe_steps() -> None:
    findings = judged(RULE, planned("stateful-resource-destroyed", "bad"))
    (check,) = [each for each in findings if each.address == f"{HEALTH_CHECK}.deep"]
    assert "forced by request_interval" in check.message
    assert "an output passes its id to another stack" in check.message
    assert "set only `health.mode: shallow`; find the entry point's wave" in check.message


@pytest.mark.parametrize(
    ("mode", "begin", "end"),
    [
        ("deep", "set only `health.mode: shallow`", "then deploy the rest, then set the other"),
        ("shallow", "`health.mode: shallow` is set", "then deploy the rest."),
    ],
)
def test_the_safe_steps_name_commands_and_no_step_that_is_done(
    mode: str, begin: str, end: str
) -> None:
    now = settings(health={"mode": mode})
    (finding,) = judged(RULE, plan(change(HEALTH_CHECK, DESTROYED)), now)
    _, steps = finding.message.split("then this one: ")
    assert steps.startswith(begin)
    assert end in steps
    assert re.findall("`(iot-dr .*?)`", steps) == [
        "iot-dr graph --env dev --waves",
        "iot-dr plan --env dev --wave N --out plans",
        "iot-dr apply --env dev --wave N --plans plans",
    ]


def test_a_check_destroyed_with_its_output_is_used_elsewhere() -> None:
    (finding,) = judged(RULE, plan(change(HEALTH_CHECK, DESTROYED)))
    assert "its own stack does not use it, so another one does" in finding.message


def test_an_unused_calculated_check_may_be_destroyed() -> None:
    before = {"id": "x1", "type": "CALCULATED"}
    assert judged(RULE, plan(change(HEALTH_CHECK, DESTROYED, before))) == []


def test_a_check_that_its_own_stack_uses_may_be_destroyed() -> None:
    record = change("aws_route53_record", ["update"], before={"health_check_id": "x1"})
    record["address"] = "aws_route53_record.it"
    assert judged(RULE, plan(change(HEALTH_CHECK, DESTROYED), record)) == []


@pytest.mark.parametrize(("used", "is_refused"), [("x1", True), ("another", False)])
def test_a_stack_that_reads_the_checks_stack_shows_whether_it_still_uses_it(
    used: str, *, is_refused: bool
) -> None:
    read = {
        "address": "data.terraform_remote_state.region",
        "mode": "data",
        "type": "terraform_remote_state",
        "name": "region",
        "values": {"backend": "s3", "config": {"key": "dev/platform.tfstate"}, "outputs": {}},
    }
    record = change("aws_route53_record", ["no-op"], before={"health_check_id": used})
    entry_point = plan(record)["platform"]
    entry_point["prior_state"] = {"values": {"root_module": {"resources": [read]}}}
    documents = {**plan(change(HEALTH_CHECK, DESTROYED)), "entry-point": entry_point}
    findings = judged(RULE, documents)
    assert bool(findings) is is_refused
    assert all("entry-point uses it" in each.message for each in findings)


GONE = "iot-dev-iot-eu-north-1"
LEAVING = settings(leaving_regions=["eu-north-1"])


def test_what_goes_with_a_region_that_leaves_is_reported_and_let_through() -> None:
    certificate = plan(change("aws_acm_certificate", DESTROYED))["platform"]
    (finding,) = judged(RULE, {GONE: certificate}, LEAVING)
    assert finding.verdict is Verdict.WARN
    assert "leaving" in finding.message
    for judging in (None, settings()):
        (finding,) = judged(RULE, {GONE: certificate}, judging)
        assert finding.verdict is Verdict.BLOCK
        assert ("add that to `leaving_regions`" in finding.message) is (judging is not None)
    serving = "iot-dev-iot-eu-central-1"
    for judging in (LEAVING, settings()):
        (finding,) = judged(RULE, {serving: certificate}, judging)
        assert finding.verdict is Verdict.BLOCK
        assert "leaving_regions" not in finding.message


def test_what_goes_elsewhere_while_a_region_leaves_is_refused() -> None:
    zone = plan(change("aws_route53_zone", DESTROYED))["platform"]
    (finding,) = judged(RULE, {"iot-dev-hosted-zone": zone}, LEAVING)
    assert finding.verdict is Verdict.BLOCK


@pytest.mark.parametrize(("used", "is_reported"), [("x1", True), ("another", False)])
def test_a_check_of_a_region_that_leaves_may_go_once_the_entry_point_does_not_ask_it(
    used: str, *, is_reported: bool
) -> None:
    gone = plan(change(HEALTH_CHECK, DESTROYED))["platform"]
    record = change("aws_route53_record", ["update"], before={"health_check_id": "x1"})
    record["change"]["after"] = {"health_check_id": used}
    plans = {GONE: gone, "iot-dev-entry-point": plan(record)["platform"]}
    findings = judged(RULE, plans, LEAVING)
    assert [each.verdict for each in findings] == [Verdict.WARN] * is_reported
    (alone,) = judged(RULE, {GONE: gone}, LEAVING)
    assert alone.verdict is Verdict.WARN


def test_synthesized_stacks_destroy_nothing() -> None:
    assert judged(RULE, ours()) == []
    assert RULE.needs_plan

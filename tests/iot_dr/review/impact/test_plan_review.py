"""The verdict on several plans, its reason, and the notes."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.generate.expectation import design_expectation
from iot_dr.review.impact.plan_review import review
from iot_dr.review.impact.review import Review
from iot_dr.review.read.plan_source import PlanSource, RecoveryChange, StackSource
from iot_dr.review.render.sections import title_line
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.plan_manifest import RecoveryForecast
from tests.iot_dr.review.fleet_plan import (
    DATABASE,
    FLEET,
    NOTE,
    PRIMARY,
    ROLE,
    TABLE,
    Json,
    plan,
    planned,
    reviewed,
    source,
)
from tests.support.secret_canaries import planted
from tests.support.settings import settings

BLOCK, WARN, OK = Verdict.BLOCK, Verdict.WARN, Verdict.OK
SECRET = "hunter2-canary"


def unplanned(name: str, status: Literal["failed", "waiting"], **more: Any) -> StackSource:
    """Return a stack without a plan."""
    return StackSource(name=name, region=None, role=None, status=status, file=None, **more)


def with_stacks(*stacks: StackSource, fleet: Json | None = None, **more: Any) -> Review:
    """Review the fleet, unchanged by default, together with other stacks."""
    whole = source(fleet=fleet or plan({}))
    return review(replace(whole, stacks=(*whole.stacks, *stacks), **more), None)


def verdict_and_reason(result: Review) -> tuple[Verdict, str]:
    return result.verdict, result.reason


def test_a_failed_stack_blocks_with_the_first_line_of_its_error() -> None:
    result = with_stacks(unplanned("iot", "failed", error="plan failed\n\nError: no such zone\nx"))
    assert verdict_and_reason(result) == (BLOCK, "iot has no plan: no such zone")


def test_a_waiting_stack_warns() -> None:
    result = with_stacks(unplanned("iot", "waiting", waits_for=("fleet",)))
    assert verdict_and_reason(result) == (WARN, "iot has no plan yet: it waits for fleet")
    assert (
        "iot waits for fleet: its plan follows later and may contain more changes than this"
        " review shows"
    ) in result.notes


def test_an_errored_plan_blocks() -> None:
    result = with_stacks(planned("iot", {**plan({}, standing={}), "errored": True}))
    assert result.verdict is BLOCK
    assert result.reason.startswith("iot has no plan: ")


def test_an_incomplete_plan_blocks() -> None:
    result = with_stacks(planned("iot", {**plan({}, standing={}), "complete": False}))
    assert result.verdict is BLOCK
    assert result.reason.startswith("the plan of iot is incomplete: ")


def test_drift_warns() -> None:
    document = plan({})
    entry = next(each for each in document["resource_changes"] if each["address"] == ROLE)
    change = {**entry["change"], "actions": ["update"], "after": {**FLEET[ROLE], "path": "/x"}}
    result = reviewed({**document, "resource_drift": [{**entry, "change": change}]})
    assert verdict_and_reason(result) == (
        WARN,
        f"fleet has drift, changed outside Terraform: {ROLE}",
    )
    assert result.device_changes == ()
    assert [each.address for each in result.stacks[0].drift] == [ROLE]


def test_a_failed_condition_warns() -> None:
    check: Json = {
        "address": {"kind": "check", "name": "reached", "to_display": "check.reached"},
        "status": "fail",
        "instances": [{"address": {}, "status": "fail", "problems": [{"message": "no answer"}]}],
    }
    result = reviewed({**plan({}), "checks": [check]})
    assert verdict_and_reason(result) == (
        WARN,
        "fleet: the condition of check.reached failed: no answer",
    )


def test_a_stack_that_is_no_longer_planned_warns() -> None:
    result = with_stacks(dropped=("iot-dev-iot-eu-north-1",))
    assert verdict_and_reason(result) == (
        WARN,
        "iot-dev-iot-eu-north-1 is no longer planned, so its resources stay in AWS",
    )
    assert any("no plan destroys its resources" in each for each in result.notes)


def test_the_worst_reason_makes_the_verdict() -> None:
    table = plan({TABLE: None}, standing={TABLE: FLEET[TABLE]})
    without = {name: each for name, each in FLEET.items() if name != TABLE}
    result = with_stacks(
        planned("a", table),
        unplanned("b", "waiting", waits_for=("a",)),
        fleet=plan({PRIMARY: {"ttl": 300}}, standing=without),
    )
    assert verdict_and_reason(result) == (BLOCK, "the plan destroys the table state")


def test_plans_that_change_nothing_are_ok() -> None:
    assert verdict_and_reason(reviewed(plan({}))) == (OK, "no changes")


def test_changed_outputs_are_ok() -> None:
    changed = {"actions": ["update"], "before": "a", "after": "b", "after_unknown": False}
    masks = {"before_sensitive": False, "after_sensitive": False}
    result = reviewed({**plan({}), "output_changes": {"name": {**changed, **masks}}})
    assert verdict_and_reason(result) == (OK, "only outputs change")


def test_an_empty_wave_is_ok() -> None:
    empty = PlanSource(environment="dev", provider=None, base=None, stacks=())
    assert verdict_and_reason(review(empty, None)) == (OK, "no changes")


def first(document: Json) -> Json:
    """Return the plan of a stack that had no resources before."""
    parts = {name: each for name, each in document.items() if name != "prior_state"}
    changes = [
        {**change, "change": {**change["change"], "actions": ["create"], "before": None}}
        for change in document["resource_changes"]
    ]
    return {**parts, "resource_changes": changes}


def test_a_first_deployment_is_ok() -> None:
    result = reviewed(first(plan({})))
    assert verdict_and_reason(result) == (
        OK,
        "a first deployment: nothing that devices depend on exists yet",
    )
    assert result.device_changes == ()
    assert len(result.stacks[0].changes) == len(FLEET)


def test_a_new_stack_of_a_wave_is_not_a_first_deployment() -> None:
    wave = source(**{"iot-dev-iot-eu-west-1": first(plan({ROLE: {}}))})
    result = review(wave, design_expectation(settings()))
    assert result.reason == "all resources are new: nothing that devices depend on exists yet"
    missing = next(each for each in result.notes if each.startswith("no plan was given for"))
    assert "iot-dev-hosted-zone" in missing
    assert "iot-dev-iot-eu-west-1" not in missing


def test_a_wave_only_lacks_its_own_stacks() -> None:
    plans = source(**{"iot-dev-iot-eu-west-1": first(plan({ROLE: {}}))})
    result = review(replace(plans, wave=4), design_expectation(settings()))
    assert "".join(part.text for part in title_line(result)).startswith("Plan review, wave 4")
    assert not [each for each in result.notes if each.startswith("no plan was given for")]
    assert result.reason == "all resources are new: nothing that devices depend on exists yet"
    other_wave = review(replace(plans, wave=1), design_expectation(settings()))
    assert "no plan was given for iot-dev-state" in other_wave.notes


def accepting(rule: str) -> Settings:
    return settings(suppressions=[{"rule": rule, "reason": "the fleet moves on Tuesday"}])


def test_an_accepted_loss_only_warns_and_shows_its_reason() -> None:
    result = reviewed(plan({TABLE: None}), accepting("stateful-resource-destroyed"))
    (device_change,) = result.device_changes
    assert (device_change.verdict, device_change.findings) == (WARN, ())
    assert device_change.why.endswith(
        "accepted in the settings, because the fleet moves on Tuesday"
    )
    assert result.verdict is WARN


def test_notes_mention_the_stand_in() -> None:
    result = with_stacks(provider="stand-in")
    assert any("ids and ARNs are placeholders" in each for each in result.notes)
    assert any(each.startswith("there is no base") for each in result.notes)
    based = with_stacks(provider="stand-in", base="HEAD (1a2b3c4)")
    assert not any(each.startswith("there is no base") for each in based.notes)


def test_notes_of_the_source_are_kept() -> None:
    assert "left.json is not a plan" in with_stacks(notes=("left.json is not a plan",)).notes


@pytest.mark.parametrize(("after", "is_reported"), [(100.0, False), (130.0, True)])
def test_the_recovery_time_is_reported_if_it_changes(after: float, *, is_reported: bool) -> None:
    before = RecoveryForecast(p50=50.0, p99=100.0, bound=200.0)
    change = RecoveryChange(before, RecoveryForecast(before.p50, after, before.bound), 360)
    assert with_stacks(recovery=change).recovery == (change if is_reported else None)


def test_a_secret_is_in_no_text() -> None:
    document = plan({PRIMARY: {"records": [f"{SECRET}.example.com"]}, DATABASE: None})
    variables = {"variables": {"secret": {"value": f"{SECRET}.example.com"}}}
    configuration = document["configuration"]
    root = {**configuration["root_module"], "variables": {"secret": {"sensitive": True}}}
    result = reviewed(
        {**document, **variables, "configuration": {**configuration, "root_module": root}}
    )
    sentences = [result.reason, *(each.why for each in result.device_changes), *result.notes]
    sentences += [each.message for each in result.judgement.findings]
    assert SECRET not in " ".join(sentences)
    assert "(sensitive)" in result.device_changes[0].why


def test_none_of_many_secrets_is_in_any_text(tmp_path: Path) -> None:
    canaries = planted()
    result = review(canaries.source(tmp_path), None)
    everything = repr((result, [each.attributes for each in result.device_changes]))
    assert [each for each in canaries.made if each in everything] == []


def test_a_hostile_name_keeps_the_reason_on_one_line() -> None:
    result = reviewed(plan({PRIMARY: {"records": ["x.\ny\n\n# z"], "ttl": 300}}))
    assert "\n" not in result.reason
    assert len(reviewed(plan({PRIMARY: {"records": ["x" * 5000]}})).reason) <= 400


def test_a_file_that_is_not_a_plan_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("no json", encoding="utf-8")
    stack = replace(planned("x", {}), content=None, file=file)
    with pytest.raises(UserError):
        with_stacks(stack)


def test_stacks_are_in_deployment_order() -> None:
    known = settings()
    names = ["iot-dev-entry-point", "iot-dev-iot-eu-central-1", "iot-dev-iot-eu-west-1"]
    stacks = source(**{name: plan({NOTE: None}) for name in names})
    assert [each.name for each in review(stacks, design_expectation(known)).stacks] == [
        "iot-dev-iot-eu-west-1",
        "iot-dev-iot-eu-central-1",
        "iot-dev-entry-point",
    ]

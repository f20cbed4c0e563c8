"""The printed report of a plan."""

from pathlib import Path

from iot_dr.cli.outcomes import PlanReport
from iot_dr.delivery.stack_plan import StackPlan
from iot_dr.terraform.schedule import Done, Failed, Outcome, Waiting
from iot_dr.terraform_json.change import Action, PlannedAction
from iot_dr.terraform_json.provider_choice import Provider
from stacks.graph import StackNode


def node(name: str) -> StackNode:
    return StackNode(name=name, what="iot", region="eu-west-1", role="standby", depends_on=())


def done(
    name: str, *changes: PlannedAction, outputs: tuple[PlannedAction, ...] = ()
) -> Done[StackPlan]:
    plan = StackPlan(
        node=node(name),
        changes=changes,
        outputs=outputs,
        document={},
        file=Path("p"),
        seconds=1,
    )
    return Done(node=node(name), result=plan)


def report(*outcomes: Outcome[StackPlan]) -> PlanReport:
    return PlanReport(Provider.STANDIN, outcomes, 2.34)


ZONE = PlannedAction("aws_route53_zone.zone", Action.REPLACE)


def test_each_stack_is_shown_with_its_changes_under_a_banner() -> None:
    lines = report(done("one", ZONE), done("two")).text().splitlines()
    assert "STAND-IN" in lines[0]
    assert "one (eu-west-1, standby): 1 to replace" in lines
    assert "  ± aws_route53_zone.zone" in lines
    assert "two (eu-west-1, standby): nothing to do" in lines
    assert lines[-1] == "2 stacks: 1 to replace, in 2.3 s"


def test_failed_and_waiting_stacks_are_counted_in_the_summary() -> None:
    failed: Outcome[StackPlan] = Failed(node=node("one"), error=ValueError("refused"))
    waiting: Outcome[StackPlan] = Waiting(node=node("two"), waits_for=("one",))
    plan_report = report(failed, waiting)
    assert plan_report.summary == "2 stacks: 1 failed, 1 waiting"
    assert "two (eu-west-1, standby): waits for one" in plan_report.text().splitlines()
    assert plan_report.has_failures
    assert report(failed, done("two", ZONE)).summary == "2 stacks: 1 failed, 1 to replace"


def test_stacks_that_only_the_base_has_are_shown_and_count_as_a_change() -> None:
    plan_report = PlanReport(Provider.STANDIN, [done("two")], 2.34, [node("one")])
    lines = plan_report.text().splitlines()
    assert lines[-3] == (
        "one (eu-west-1, standby): only in the base: its state stays, and no plan destroys its"
        " resources"
    )
    assert lines[-1] == "1 stack: nothing to do, 1 only in the base, in 2.3 s"
    assert plan_report.has_changes
    assert [each["name"] for each in plan_report.document()["dropped"]] == ["one"]
    assert "dropped" not in report(done("two")).document()


def test_json_has_the_status_of_each_stack() -> None:
    failed: Outcome[StackPlan] = Failed(node=node("one"), error=ValueError("refused"))
    stacks = report(failed, done("two", ZONE)).document()["stacks"]
    assert [stack["status"] for stack in stacks] == ["failed", "planned"]
    assert stacks[0]["error"] == "refused"
    assert stacks[1]["changes"] == [{"address": "aws_route53_zone.zone", "action": "replace"}]


def test_json_has_the_steps_of_a_change_of_regions_if_there_are_any() -> None:
    assert "region_steps" not in report(done("one")).document()
    plan_report = PlanReport(Provider.STANDIN, [done("one")], 2.34, steps=("add it", "then go"))
    assert plan_report.document()["region_steps"] == ["add it", "then go"]


def test_a_changed_output_counts_as_a_change() -> None:
    handed = PlannedAction("output.zone_id", Action.UPDATE)
    plan_report = report(done("one", outputs=(handed,)), done("two", ZONE, outputs=(handed,)))
    lines = plan_report.text().splitlines()
    assert "one (eu-west-1, standby): outputs: 1 to update" in lines
    assert "two (eu-west-1, standby): 1 to replace, outputs: 1 to update" in lines
    assert lines.count("  ~ output.zone_id") == 2
    assert plan_report.has_changes
    assert report(done("one", outputs=(handed,))).has_changes
    assert not report(done("one")).has_changes

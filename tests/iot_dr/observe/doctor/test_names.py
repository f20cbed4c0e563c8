"""The names that a deploy needs: free, taken, or of resources that are in a state."""

from iot_dr.observe.doctor.checks import names
from tests.iot_dr.observe.doctor.world import (
    CENTRAL,
    WEST,
    Answers,
    World,
    only,
    refusal,
    statuses,
)
from tests.support.settings import settings, with_data
from tests.support.synthesis import Synthesis

NOT_FOUND = refusal("ResourceNotFoundException", status=404)
FREE: Answers = {
    "head_bucket": refusal("404", status=404),
    "describe_table": NOT_FOUND,
    "get_role": refusal("NoSuchEntity", status=404),
    "get_function_configuration": NOT_FOUND,
}


def test_an_empty_account_has_all_names_free(synthesis: Synthesis) -> None:
    world = World(FREE, settings=with_data(settings()))
    assert only(names.examine(world.account(synthesis))).status == "ok"


def test_a_name_is_taken_if_it_exists_and_is_in_no_state(synthesis: Synthesis) -> None:
    answers = {**FREE, ("get_function_configuration", CENTRAL): {}}
    findings = list(names.examine(World(answers).account(synthesis)))
    assert statuses(findings) == [(CENTRAL, "missing")] * 3
    assert all(finding.blocks for finding in findings)
    assert {finding.message for finding in findings} == {
        f"the function example-dev-{name} exists, and is not in the state of iot-dev-{stack}"
        for name, stack in (
            ("canary", "iot-eu-central-1"),
            ("watcher", "entry-point"),
            ("watcher-publisher", "entry-point"),
        )
    }


def test_a_resource_in_a_state_has_its_own_name(synthesis: Synthesis) -> None:
    world = World({**FREE, ("get_function_configuration", WEST): {}})
    world.state("iot-dev-iot-eu-west-1", "aws_lambda_function.canary")
    world.state("iot-dev-entry-point", "aws_lambda_function.publisher_eu_west_1")
    assert only(names.examine(world.account(synthesis))).status == "ok"


def test_a_bucket_of_another_account_and_a_table_are_taken(synthesis: Synthesis) -> None:
    answers: Answers = {**FREE, "describe_table": {}, "head_bucket": refusal("403", status=403)}
    world = World(answers, settings=with_data(settings()))
    nouns = {each.message.split()[1] for each in names.examine(world.account(synthesis))}
    assert nouns == {"table", "bucket"}


def test_a_refusal_is_about_one_kind_in_one_region(synthesis: Synthesis) -> None:
    denied = refusal("AccessDenied", "not authorized", 403)
    answers: Answers = {**FREE, ("get_function_configuration", CENTRAL): denied}
    findings = list(names.examine(World(answers).account(synthesis)))
    assert {(each.region, each.status) for each in findings} == {(CENTRAL, "unknown")}
    assert "needs the IAM action lambda:GetFunctionConfiguration" in findings[0].message


def test_an_unreadable_state_leaves_the_names_of_its_stack_unknown(synthesis: Synthesis) -> None:
    world = World(FREE)
    key = "dev/iot-dev-entry-point.tfstate"
    world.buckets = {world.settings.state_bucket(WEST): {key: b"not a state"}}
    findings = list(names.examine(world.account(synthesis)))
    assert {each.status for each in findings} == {"unknown"}
    assert all("iot-dev-entry-point" in each.message for each in findings)

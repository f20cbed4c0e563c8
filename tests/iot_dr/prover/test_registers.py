"""What Route 53 forgets moves no devices while publishers repeat what the registers say."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from iot_dr.design.design import Design, Fault, FaultKind
from iot_dr.design.reading import designs
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.machine import AWAY, BACK, BEGINS, ENDS, FORGET, Event, Machine, Transition
from iot_dr.prover.proof import prove
from iot_dr.prover.switching import STAYS
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.naive import Naive
from tests.iot_dr.prover.test_against_naive import check_moves
from tests.iot_dr.rules.designs import ENTRY_POINT, our_settings, ours
from tests.support.settings import REGIONS

WEST, CENTRAL, NORTH = REGIONS[:3]


Resources = dict[str, dict[str, dict[str, Any]]]
Change = Callable[[Resources], object]
FUNCTION, POLICY, RULE = "aws_lambda_function", "aws_iam_role_policy", "aws_cloudwatch_event_rule"
ID, WATCHER = "publisher_eu_central_1", "watcher_eu_central_1"


def design(count: int, change: Change = bool, *, mode: str = "deep") -> Design:
    """An environment as synthesized, with a change of the entry point."""
    stacks = copy.deepcopy(ours(regions=count, mode=mode))
    change(stacks[ENTRY_POINT]["resource"])
    resources = ResourceSet(read_configuration(*stack) for stack in stacks.items())
    (read,) = designs(resources, design_expectation(our_settings(regions=count, mode=mode)))
    return read


def without(region: str) -> Change:
    return lambda resources: resources[FUNCTION].pop(f"publisher_{region.replace('-', '_')}")


class Run:
    """Events after each other, each of which is possible."""

    def __init__(self, design: Design) -> None:
        self.machine = Machine(design)
        self.step: Transition = self.machine.start

    def __call__(self, action: str, place: str, kind: FaultKind = FaultKind.REGION) -> str | None:
        """Return where devices are led after an event at a place."""
        machine, alarms = self.machine, self.machine.design.alarms
        if action in {BEGINS, ENDS}:
            index = machine.faults.index(Fault(place, kind))
        else:
            of = [each.region if action == FORGET else each.switched for each in alarms]
            index = of.index(place)
        event = Event(action, index)
        assert event in machine.events(self.step.state, 2)
        self.step = machine.after(self.step.state, event)
        site = machine.site(self.step.answer)
        return site.region if site else None

    def can_forget(self, region: str) -> bool:
        events = self.machine.events(self.step.state, 2)
        alarms = self.machine.design.alarms
        return region in {alarms[each.index].region for each in events if each.action == FORGET}


@pytest.mark.parametrize("mode", ["deep", "shallow"])
@pytest.mark.parametrize("count", [2, 3, *(pytest.param(5, marks=pytest.mark.exhaustive),)])
def test_an_environment_whose_registers_are_published_is_proved(count: int, mode: str) -> None:
    proof = prove(design(count, mode=mode))
    assert proof.is_proved, "\n".join(map(str, proof.violations))
    assert not proof.notes


@pytest.mark.parametrize("change", [bool, without(CENTRAL)])
def test_the_second_model_finds_the_same(change: Change) -> None:
    proof, naive = prove(design(2, change)), Naive(design(2, change))
    levels = naive.levels()
    assert proof.states == sum(map(len, levels))
    check_moves({each.property: each for each in proof.violations}, naive, levels)


@pytest.mark.parametrize(
    "place", [1, *(pytest.param(place, marks=pytest.mark.exhaustive) for place in (0, 2))]
)
def test_a_region_without_a_publisher_is_disproved(place: int) -> None:
    region = REGIONS[place]
    proof = prove(design(3, without(region)))
    (violation,) = (each for each in proof.violations if each.property == STAYS)
    forgotten = f"Route 53 forgets the switches in {region}, whose data no publisher repeats"
    assert violation.events[-1] == forgotten
    assert f"no function publishes the switches in {region}" in map(str, proof.notes)


def with_values(type_: str, **values: object) -> Change:
    return lambda resources: resources[type_][ID].update(values)


def with_variable(name: str, value: str, id_: str = ID) -> Change:
    return lambda resources: resources[FUNCTION][id_]["environment"]["variables"].update(
        {name: value}
    )


def with_policy(old: str, new: str, id_: str = ID) -> Change:
    def change(resources: Resources) -> None:
        policy = resources[POLICY][id_]["policy"]
        assert old in policy
        resources[POLICY][id_]["policy"] = policy.replace(old, new)

    return change


BROKEN = [
    (with_values(RULE, state="DISABLED"), "no enabled schedule invokes it"),
    (with_values(RULE, schedule_expression="rate(5 minutes)"), "invokes it at rate(5 minutes)"),
    (with_values(FUNCTION, timeout=3), "its timeout of 3 s is under 10 s"),
    (with_values(FUNCTION, reserved_concurrent_executions=0), "reserved concurrency of"),
    (with_values(FUNCTION, provider="aws.us_east_1"), "the switches in eu-central-1"),
    (with_variable("PUBLISHER_ENVIRONMENT", "prod"), "PUBLISHER_ENVIRONMENT is prod, not dev"),
    (with_variable("PUBLISHER_PROJECT", "other"), "PUBLISHER_PROJECT is other, not example"),
    (with_variable("PUBLISHER_REGIONS", "eu-central-1"), "PUBLISHER_REGIONS is eu-central-1, not"),
    (with_policy("Switch/dev", "Switch/prod"), "does not allow cloudwatch:PutMetricData"),
    (with_policy("dev/switch/*", "dev/switch/eu-*"), "does not allow ssm:GetParameters"),
    (with_policy("dev/switch/*", "dev/switch/register/*"), "does not allow ssm:GetParameters"),
    (with_policy("ssm:eu-central-1:", "ssm:eu-north-1:"), "does not allow ssm:GetParameters"),
    (with_variable("WATCHER_PROJECT", "other", WATCHER), "WATCHER_PROJECT is other, not example"),
    (
        with_policy('"ssm:PutParameter"', '"ssm:GetParameter"', WATCHER),
        "writes no register of the switch of eu-west-1 in eu-central-1: its role does not allow",
    ),
]


@pytest.mark.parametrize(("change", "expected"), BROKEN)
def test_a_register_that_is_not_written_or_published_is_disproved(
    change: Change, expected: str
) -> None:
    proof = prove(design(2, change))
    assert STAYS in {each.property for each in proof.violations}
    assert expected in "\n".join(map(str, proof.notes))


@pytest.mark.parametrize(
    "change",
    [
        with_values(RULE, schedule_expression="cron(* * * * ? *)"),
        with_values(FUNCTION, timeout=20, memory_size=512, description="another"),
        with_policy("dev/switch/*", "dev/*"),
        with_policy("ssm:GetParameters", "ssm:GetParameter*"),
        with_policy("cloudwatch:PutMetricData", "cloudwatch:Put*"),
        with_policy("switch/register/*", "switch/register/eu-*", WATCHER),
    ],
)
def test_a_publisher_in_another_form_is_proved(change: Change) -> None:
    proof = prove(design(2, change))
    assert proof.is_proved, "\n".join((*map(str, proof.violations), *map(str, proof.notes)))
    assert not proof.notes


def test_a_publisher_that_may_not_read_the_other_region_is_noted() -> None:
    proof = prove(design(3, with_policy("ssm:eu-north-1:", "ssm:x:")))
    assert proof.is_proved
    (note,) = map(str, proof.notes)
    assert "may not read the register of eu-west-1 in eu-north-1" in note


def test_a_design_of_others_is_not_assumed_to_forget() -> None:
    """What AWS promises of it is kept, and only its advice is not followed."""
    run = Run(replace(design(2), primary=None, publishers=()))
    assert run(AWAY, WEST) == CENTRAL
    assert not run.can_forget(CENTRAL)


def test_a_publisher_repeats_what_would_be_forgotten() -> None:
    run = Run(design(2))
    assert run(AWAY, WEST) == CENTRAL
    assert not run.can_forget(CENTRAL)


def test_with_two_regions_a_switch_is_forgotten_while_lambda_fails_and_then_published_again() -> (
    None
):
    run = Run(design(2))
    run(BEGINS, CENTRAL, FaultKind.FUNCTION)
    assert run(AWAY, WEST) == CENTRAL
    assert run(FORGET, CENTRAL) == WEST
    assert run(ENDS, CENTRAL, FaultKind.FUNCTION) == CENTRAL


def test_a_region_that_returns_publishes_what_was_forgotten_while_it_was_lost() -> None:
    run = Run(design(2))
    assert run(AWAY, WEST) == CENTRAL
    assert run(BEGINS, CENTRAL) == WEST
    assert run(FORGET, CENTRAL) == WEST
    assert run(ENDS, CENTRAL) == CENTRAL


def test_with_three_regions_one_stopped_publisher_forgets_no_switch_of_an_operator() -> None:
    run = Run(design(3))
    run(AWAY, WEST)
    run(BEGINS, CENTRAL, FaultKind.FUNCTION)
    assert run(FORGET, CENTRAL) == CENTRAL


def test_with_three_regions_a_back_that_reached_one_region_is_completed_and_taken_back() -> None:
    run = Run(replace(design(3), watchers=(), is_latched=False))
    run(AWAY, WEST)
    assert run(BEGINS, CENTRAL) == NORTH
    assert run(BACK, WEST) == NORTH
    assert run(FORGET, CENTRAL) == WEST
    assert run(ENDS, CENTRAL) == CENTRAL

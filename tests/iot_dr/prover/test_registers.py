"""What Route 53 forgets moves no devices while publishers repeat what the registers say."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from iot_dr.design.design import Design, Fault, FaultKind, Publisher
from iot_dr.design.reading import designs
from iot_dr.generate.expectation import design_expectation
from iot_dr.prover.machine import AWAY, BACK, BEGINS, ENDS, FORGET, Event, Machine, Step
from iot_dr.prover.proof import prove
from iot_dr.prover.search import search
from iot_dr.prover.switching import STAYS
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.prover.naive import Naive
from tests.iot_dr.prover.test_against_naive import check_moves
from tests.iot_dr.rules.designs import our_settings, ours
from tests.support.settings import REGIONS

WEST, CENTRAL, NORTH = REGIONS[:3]


def design(count: int, *, without: Iterable[str] = (), mode: str = "deep") -> Design:
    """An environment as synthesized, with a publisher in every region but some."""
    resources = ResourceSet(
        read_configuration(*stack) for stack in ours(regions=count, mode=mode).items()
    )
    (read,) = designs(resources, design_expectation(our_settings(regions=count, mode=mode)))
    regions = dict.fromkeys(str(alarm.region) for alarm in read.alarms if alarm.switched)
    return replace(
        read,
        publishers=tuple(
            Publisher(
                region=region,
                switches=tuple(each.switched for each in read.alarms if each.region == region),
                fails_on=frozenset(
                    (Fault(region, FaultKind.REGION), Fault(region, FaultKind.FUNCTION))
                ),
            )
            for region in regions
            if region not in without
        ),
        watchers=tuple(replace(each, registers=frozenset(REGIONS)) for each in read.watchers),
    )


class Run:
    """Events after each other, each of which is possible."""

    def __init__(self, design: Design) -> None:
        self.machine = Machine(design)
        self.step: Step = self.machine.start

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
    result = search(design(count, mode=mode))
    assert not result.violations, "\n".join(map(str, result.violations))
    assert result.is_complete


@pytest.mark.parametrize("without", [(), (CENTRAL,)])
def test_the_second_model_finds_the_same(without: tuple[str, ...]) -> None:
    proof, naive = prove(design(2, without=without)), Naive(design(2, without=without))
    levels = naive.levels()
    assert proof.states == sum(map(len, levels))
    check_moves({each.property: each for each in proof.violations}, naive, levels)


@pytest.mark.parametrize("place", range(3))
def test_a_region_without_a_publisher_is_disproved(place: int) -> None:
    without = REGIONS[place]
    (violation,) = (
        each for each in search(design(3, without=[without])).violations if each.property == STAYS
    )
    forgotten = f"Route 53 forgets the switches in {without}, whose data no publisher repeats"
    assert violation.events[-1] == forgotten


def test_a_watcher_that_writes_no_register_is_disproved() -> None:
    right = design(2)
    wrong = replace(
        right, watchers=tuple(replace(each, registers=frozenset()) for each in right.watchers)
    )
    violation = next(each for each in search(wrong).violations if each.property == STAYS)
    assert f"Route 53 forgets the switches in {CENTRAL}" in violation.events[-1]


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

"""Executions of pipelines in any order, with any failures: what never happens."""

from typing import Literal

import hypothesis.strategies as st
import pytest
from hypothesis import settings as of_hypothesis
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from iot_dr.delivery.rollout.leases import Leases
from tests.iot_dr.delivery.rollout.model import Commit, Execution, Outcome, World
from tests.support.examples import examples
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis

PIPELINES = sorted(PIPELINE["connections"])
THREE = REGIONS[:3]
_MOST = 6
NAMES = tuple(f"iot-dev-iot-{region}" for region in THREE)


@st.composite
def commits(draw: st.DrawFn) -> list[Commit]:
    """Draw what is pushed one after another: other regions' order, primary, pipeline or code."""
    drawn: list[Commit] = []
    for number in range(draw(st.integers(2, 4))):
        leaving = draw(st.sampled_from([(), (), (THREE[2],)])) if number else ()
        regions = [each for each in THREE if each not in leaving]
        chosen = settings(
            regions=draw(st.permutations(regions)),
            leaving_regions=list(leaving),
            primary_region=draw(st.sampled_from(regions)) if number else THREE[0],
            pipeline={**PIPELINE, "active_region": draw(st.sampled_from(PIPELINES))},
        )
        versions = {name: draw(st.integers(0, number)) for name in NAMES}
        drawn.append(Commit(chosen, versions))
    return drawn


class Rollouts(RuleBasedStateMachine):
    """Whoever starts executions, approves, fails, dies or retries, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(())

    @initialize(pushed=commits())
    def begin(self, pushed: list[Commit]) -> None:
        self.world = World(pushed)

    def _executions(self, kind: Literal["advance", "apply", "retry"]) -> list[Execution]:
        return [
            execution
            for execution in self.world.executions
            if (kind == "advance" and self.world.may_advance(execution))
            or (kind == "apply" and execution.applying)
            or (kind == "retry" and execution.has_failed)
        ]

    @rule(commit=st.integers(0, 3), region=st.sampled_from(PIPELINES))
    def start(self, commit: int, region: str) -> None:
        if len(self.world.executions) < _MOST:
            self.world.start(commit % len(self.world.commits), region)

    @precondition(lambda self: self._executions("advance"))
    @rule(which=st.integers(0, 9), steps=st.integers(1, 8), says_yes=st.integers(0, 9))
    def advance(self, which: int, steps: int, says_yes: int) -> None:
        ready = self._executions("advance")
        chosen = ready[which % len(ready)]
        for _ in range(steps):
            if not self.world.may_advance(chosen):
                return
            self.world.advance(chosen, says_yes=says_yes > 0)

    @precondition(lambda self: self._executions("apply"))
    @rule(
        which=st.integers(0, 9),
        outcome=st.sampled_from(
            [
                *("done", "done", "done, and an alarm goes off", "fails at once", "fails midway"),
                *("fails midway, its state as it was", "is killed midway"),
            ]
        ),
    )
    def end_apply(self, which: int, outcome: Outcome) -> None:
        running = self._executions("apply")
        chosen = running[which % len(running)]
        self.world.end_apply(chosen, outcome)

    @precondition(lambda self: self._executions("retry"))
    @rule(which=st.integers(0, 9))
    def retry(self, which: int) -> None:
        failed = self._executions("retry")
        failed[which % len(failed)].has_failed = False

    @rule()
    def time_passes(self) -> None:
        self.world.objects.let_time_pass()

    @rule()
    def an_operator_takes_locks_back(self) -> None:
        self.world.take_back_locks()

    def teardown(self) -> None:
        """Push a fix of every region, once nobody is at work: it gets through."""
        world = self.world
        for execution in world.executions:
            while execution.applying:
                world.end_apply(execution, "fails midway")
        world.executions.clear()
        world.take_back_locks()
        world.objects.let_time_pass()
        fix = commit(99, *THREE, primary=world.serving or THREE[0])
        world.commits = [fix]
        for _ in THREE:
            go(world, 0)
            world.executions.clear()
        assert {name: world.stack(name).version for name in NAMES} == dict.fromkeys(NAMES, 99)
        assert world.unwhole == set()

    @invariant()
    def two_regions_are_never_partially_applied_at_once(self) -> None:
        assert len(self.world.unwhole) <= 1

    @invariant()
    def the_region_that_serves_is_never_changed_before_a_standby(self) -> None:
        assert self.world.changed_early == []

    @invariant()
    def nothing_is_applied_without_its_review(self) -> None:
        for execution in self.world.executions:
            for plan, _ in execution.applying:
                assert plan in execution.approved

    @invariant()
    def what_makes_one_region_ill_comes_to_no_other(self) -> None:
        assert self.world.spread == []

    @invariant()
    def of_two_pipelines_only_the_active_one_changes_anything(self) -> None:
        for execution in self.world.executions:
            pipeline = execution.commit.settings.pipeline
            assert pipeline
            assert execution.at == 0 or pipeline.active_region == execution.region


Rollouts.TestCase.settings = of_hypothesis(max_examples=examples(40), stateful_step_count=60)
TestRollouts = Rollouts.TestCase


def commit(version: int, *regions: str, primary: str = "eu-west-1") -> Commit:
    chosen = settings(regions=list(regions), primary_region=primary, pipeline=PIPELINE)
    return Commit(chosen, dict.fromkeys(NAMES, version))


def go(world: World, number: int, *, until: str = "end") -> Execution:
    """Start an execution, and bring it as far as it comes, or into a stage."""
    world.start(number, "eu-west-1")
    execution = world.executions[-1]
    while not execution.is_over and not execution.has_failed:
        if execution.applying:
            if execution.stage == until:
                return execution
            world.end_apply(execution, "done")
        elif world.may_advance(execution):
            world.advance(execution, says_yes=True)
        else:
            return execution
    return execution


def test_without_failures_a_commit_reaches_every_stack() -> None:
    world = World([commit(0, *THREE), commit(1, *THREE)])
    for number in (0, 1):
        assert go(world, number).is_over
        assert {world.stack(name).version for name in NAMES} == {number}
    assert world.serving == "eu-west-1"


def without(*gates: str) -> type[Leases]:
    """Return leases some of whose methods take no notice."""

    def refuse_nothing(*_: object) -> None:
        """Take no notice."""

    return type("Ungated", (Leases,), dict.fromkeys(gates, refuse_nothing))


@pytest.mark.parametrize("is_gated", [True, False])
def test_only_its_lease_keeps_a_second_region_from_being_partially_applied(is_gated: bool) -> None:
    west, central, north = THREE
    world = World([commit(0, *THREE), commit(1, *THREE), commit(2, west, north, central)])
    go(world, 0)
    world.end_apply(go(world, 1, until="change 3"), "fails midway")
    assert world.unwhole == {north}
    world.gates = without("blocking_stack", *(() if is_gated else ("_refuse_other_leases",)))
    later = go(world, 2, until="change 3")
    assert later.has_failed is is_gated
    assert world.unwhole == ({north} if is_gated else {north, central})


def test_a_partially_applied_region_goes_first_and_the_next_execution_brings_the_rest() -> None:
    west, central, north = NAMES
    world = World([commit(number, *THREE) for number in range(3)])
    go(world, 0)
    bad = go(world, 1, until="change 5")
    world.end_apply(bad, "fails midway")
    assert world.unwhole == {THREE[0]}
    fix = go(world, 2)
    assert fix.has_failed
    assert fix.stage == "plan 6"
    assert world.unwhole == set()
    assert {name: world.stack(name).version for name in NAMES} == {west: 2, central: 1, north: 1}
    assert go(world, 2).is_over
    assert {world.stack(name).version for name in NAMES} == {2}


def test_an_alarm_of_a_skipped_region_does_not_block_the_fix_of_the_other() -> None:
    world = World([commit(number, *THREE) for number in range(3)])
    go(world, 0)
    world.end_apply(go(world, 1, until="change 5"), "fails midway")
    world.stack(NAMES[2]).is_ill = True
    assert go(world, 2).stage == "plan 6"
    assert world.unwhole == set()
    assert go(world, 2).is_over


def test_a_plan_is_not_taken_for_done_where_an_apply_failed_before_it_wrote_its_state() -> None:
    world = World([commit(0, *THREE), commit(1, *THREE)])
    go(world, 0)
    waiting, revert = one_that_waits_and_its_revert(world)
    world.advance(waiting, says_yes=True)
    world.end_apply(waiting, "fails midway, its state as it was")
    while world.may_advance(revert):
        world.advance(revert, says_yes=True)
    assert (revert.stage, revert.has_failed) == ("verify 3", True)


def test_a_region_that_leaves_is_tried_again_where_no_other_one_changes() -> None:
    leaves = Commit(
        settings(regions=list(THREE[:2]), leaving_regions=[THREE[2]], pipeline=PIPELINE),
        {**dict.fromkeys(NAMES, 0), NAMES[2]: 7},
    )
    world = World([commit(0, *THREE), leaves])
    go(world, 0)
    world.end_apply(go(world, 1, until="change 6"), "fails midway")
    assert world.unwhole == {THREE[2]}
    assert go(world, 1).is_over
    assert world.unwhole == set()


@pytest.mark.parametrize("is_gated", [True, False])
def test_only_its_own_rule_keeps_a_change_of_primary_from_the_region_that_serves(
    is_gated: bool,
) -> None:
    world = World([commit(0, *THREE), commit(1, *THREE, primary="eu-central-1")])
    go(world, 0)
    if not is_gated:
        world.gates = without("_refuse_primary_changes")
    assert go(world, 1).has_failed is is_gated
    assert bool(world.changed_early) is not is_gated


def one_that_waits_and_its_revert(world: World) -> tuple[Execution, Execution]:
    """Bring one execution to the question of wave 3, and its revert as far as it comes then."""
    world.start(1, "eu-west-1")
    waiting = world.executions[-1]
    while waiting.stage != "change 3":
        world.advance(waiting, says_yes=True)
    return waiting, go(world, 0)


def test_what_went_wrong_in_one_region_stops_the_next_commit_too() -> None:
    world = World([commit(0, *THREE), commit(1, *THREE), commit(1, *THREE)])
    go(world, 0)
    bad = go(world, 1, until="change 3")
    world.end_apply(bad, "done, and an alarm goes off")
    world.advance(bad, says_yes=True)
    assert bad.has_failed
    assert go(world, 2).stage == "verify 3"
    assert world.stack(NAMES[0]).version == 0


def test_a_revert_that_was_planned_too_early_is_not_taken_for_done() -> None:
    world = World([commit(0, *THREE), commit(1, *THREE)])
    go(world, 0)
    waiting, revert = one_that_waits_and_its_revert(world)
    assert revert.stage == "change 3"
    world.advance(waiting, says_yes=True)
    world.end_apply(waiting, "fails midway")
    while world.may_advance(revert):
        world.advance(revert, says_yes=True)
    assert revert.has_failed
    assert not revert.is_over
    assert go(world, 0).is_over
    assert world.unwhole == set()


def test_a_change_of_primary_alone_goes_through() -> None:
    world = World([commit(0, *THREE), commit(0, *THREE, primary="eu-central-1")])
    assert go(world, 0).is_over
    assert go(world, 1).is_over
    assert world.serving == "eu-central-1"


def test_a_rollout_that_begins_with_the_region_that_serves_is_found_out() -> None:
    world = World([commit(0, *THREE), commit(1, *THREE)])
    go(world, 0)
    forwards = commit(1, *THREE).stages
    serving, *standbys = ([each for each in forwards if each.endswith(f" {n}")] for n in (5, 4, 3))
    backwards = (forwards[0], *serving, *standbys[0], *standbys[1])
    world.commits[1].__dict__["stages"] = backwards
    go(world, 1)
    assert world.changed_early == [f"{NAMES[0]} before {name}" for name in NAMES[1:]]


def test_the_pipeline_has_the_stages_of_the_simulation(synthesis: Synthesis) -> None:
    chosen = settings(regions=list(THREE), pipeline=PIPELINE)
    (made,) = synthesis(chosen)["iot-dev-pipeline-eu-west-1"].resources("aws_codepipeline").values()
    _, _, *stages = made["stage"]
    named = [each["name"].lower().replace("-", " ") for each in stages]
    assert ["guard", *named] == list(Commit(chosen, {}).stages)
    skipped = [each["name"] for each in stages if "before_entry" in each]
    assert skipped == [each["name"] for each in stages if each["name"].startswith("Change")]

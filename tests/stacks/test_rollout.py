"""The waves of a rollout, and what a wave may not be."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.settings import Settings
from modules.stack_names import Role
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph, regional_stacks
from stacks.rollout import RolloutError, RolloutWaves
from tests.support.pipeline import PIPELINE
from tests.support.settings import REGIONS, settings


@st.composite
def platforms(draw: st.DrawFn) -> Settings:
    regions = draw(st.permutations(REGIONS))[: draw(st.integers(2, 5))]
    gone = [region for region in REGIONS if region not in regions]
    chosen: dict[str, Any] = {
        "regions": regions,
        "leaving_regions": gone[: draw(st.integers(0, min(3, len(gone))))],
        "home_region": draw(st.sampled_from(regions)),
        "primary_region": draw(st.sampled_from(regions)),
        "handover_region": draw(st.sampled_from([None, *regions])),
    }
    if draw(st.booleans()):
        chosen["data"] = {}
    if {*PIPELINE["connections"]} <= {*regions} and draw(st.booleans()):
        active = draw(st.sampled_from(sorted(PIPELINE["connections"])))
        chosen["pipeline"] = {**PIPELINE, "active_region": active}
    return settings(**chosen)


@given(platforms())
def test_every_stack_is_in_one_wave_and_a_wave_changes_one_region_at_most(
    platform: Settings,
) -> None:
    graph = platform_graph(platform)
    rollout = RolloutWaves(graph)
    assert sorted(rollout.numbers) == sorted(node.name for node in graph.nodes)
    for wave in rollout.waves:
        assert len(wave.serving) <= 1
        assert wave.serving in {(), (wave.scope,)}


@given(platforms())
def test_the_region_that_serves_goes_after_every_standby_and_the_entry_point_after_it(
    platform: Settings,
) -> None:
    numbers = RolloutWaves(platform_graph(platform)).numbers
    by_region = [
        {numbers[name] for name in regional_stacks(platform, region)}
        for region in platform.failover_order
    ]
    assert all(len(waves) == 1 for waves in by_region), "a region's stacks go together"
    order = [wave for waves in by_region for wave in waves]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == len(order)
    assert numbers["iot-dev-entry-point"] > max(order)
    assert all(
        numbers[name] > numbers["iot-dev-entry-point"]
        for region in platform.leaving_regions
        for name in regional_stacks(platform, region)
    )


@given(platforms())
def test_waves_count_from_one_and_a_pipeline_s_own_is_number_zero(platform: Settings) -> None:
    waves = RolloutWaves(platform_graph(platform)).waves
    first = 0 if platform.pipeline else 1
    assert [wave.number for wave in waves] == list(range(first, first + len(waves)))
    assert [wave.number for wave in waves if wave.scope == "pipeline"] == (
        [0, len(waves) - 1] if platform.pipeline else []
    )


@given(platforms())
def test_the_same_settings_give_the_same_waves(platform: Settings) -> None:
    again = Settings.model_validate(platform.model_dump())
    assert RolloutWaves(platform_graph(again)).waves == RolloutWaves(platform_graph(platform)).waves


def node(name: str, region: str, role: Role | None, *goes_after: str) -> StackNode:
    return StackNode(
        name=name, what="iot", region=region, role=role, depends_on=(), goes_after=goes_after
    )


def test_what_a_wave_may_not_change_together_is_reported_all_at_once() -> None:
    graph = StackGraph(
        [
            node("a", "eu-west-1", "primary"),
            node("b", "eu-central-1", "standby"),
            node("c", "eu-north-1", "standby", "a"),
            replace(node("zone", "eu-west-1", None, "a"), what="hosted-zone"),
        ]
    )
    with pytest.raises(RolloutError) as refusal:
        RolloutWaves(graph)
    assert str(refusal.value).split("; ") == [
        "wave 1 would change eu-west-1 and eu-central-1 at once",
        "wave 2 would change c and zone with one role",
        "a would be applied before c: a standby must be applied before the primary",
    ]


def test_stacks_of_one_region_may_go_together() -> None:
    graph = StackGraph(
        [
            node("standby", "eu-central-1", "standby"),
            node("one", "eu-west-1", "primary", "standby"),
            node("two", "eu-west-1", "primary", "standby"),
        ]
    )
    assert [wave.names for wave in RolloutWaves(graph).waves] == [("standby",), ("one", "two")]


def test_a_stack_outside_every_wave_is_refused_by_its_name() -> None:
    rollout = RolloutWaves(platform_graph(settings()))
    rollout.require_in_waves(node.name for node in rollout.graph.nodes)
    with pytest.raises(RolloutError, match="forgotten, other: in no wave of the rollout"):
        rollout.require_in_waves(["other", "iot-dev-state", "forgotten"])

"""The graph of stacks: waves, cycles, drawings."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.graph import GraphError, StackGraph, StackNode
from stacks.platform_graph import platform_graph, regional_kinds
from tests.support.pipeline import PIPELINE, standby_region
from tests.support.settings import REGIONS, settings

OF_A_REGION = regional_kinds(settings(data={}))


def node(name: str, *depends_on: str) -> StackNode:
    return StackNode(
        name=name, what="iot", region="eu-west-1", role="standby", depends_on=depends_on
    )


@st.composite
def acyclic_nodes(draw: st.DrawFn) -> list[StackNode]:
    """Draw nodes that depend on earlier ones only, then shuffle them."""
    names = [f"stack-{number}" for number in range(draw(st.integers(1, 12)))]
    nodes = [
        node(name, *draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else ())
        for index, name in enumerate(names)
    ]
    return draw(st.permutations(nodes))


@given(acyclic_nodes())
def test_every_stack_goes_in_one_wave_right_after_the_last_one_it_waits_for(
    nodes: list[StackNode],
) -> None:
    waves = StackGraph(nodes).waves
    number = {each.name: index for index, wave in enumerate(waves) for each in wave}
    assert sum(len(wave) for wave in waves) == len(number) == len(nodes)
    for stack_node in nodes:
        assert number[stack_node.name] == max(
            (number[up] + 1 for up in stack_node.depends_on), default=0
        )


@given(st.integers(1, 6), st.integers(0, 5))
def test_a_cycle_is_refused_with_the_names_in_it_and_behind_it(length: int, behind: int) -> None:
    cycle = [node(f"c{index}", f"c{(index + 1) % length}") for index in range(length)]
    after = [node(f"z{index}", "c0") for index in range(behind)]
    with pytest.raises(GraphError) as refusal:
        StackGraph([node("free"), *cycle, *after])
    stuck = str(refusal.value).split(": ")[1].split(", ")
    assert stuck == [each.name for each in (*cycle, *after)]


def test_a_dependency_on_no_stack_is_refused_with_both_names() -> None:
    with pytest.raises(GraphError, match="one depends on nowhere"):
        StackGraph([node("one", "nowhere")])


@pytest.mark.parametrize("primary", [0, 1])
@pytest.mark.parametrize("count", range(2, 6))
def test_regions_go_one_after_another_and_the_one_that_serves_last(
    count: int, primary: int
) -> None:
    chosen = settings(regions=list(REGIONS[:count]), primary_region=REGIONS[primary])
    graph = platform_graph(chosen)
    assert [[each.name for each in wave] for wave in graph.waves] == [
        ["iot-dev-state"],
        ["iot-dev-hosted-zone"],
        *([f"iot-dev-iot-{region}"] for region in reversed(chosen.failover_order)),
        ["iot-dev-entry-point"],
    ]


@pytest.mark.parametrize("primary", [0, 1])
@pytest.mark.parametrize("count", range(2, 6))
def test_a_region_goes_with_all_its_stacks_in_one_wave_after_all_of_the_one_before(
    count: int, primary: int
) -> None:
    chosen = settings(regions=list(REGIONS[:count]), primary_region=REGIONS[primary], data={})
    graph = platform_graph(chosen)
    order = [
        [f"iot-dev-{what}-{region}" for what in OF_A_REGION]
        for region in reversed(chosen.failover_order)
    ]
    assert [[each.name for each in wave] for wave in graph.waves] == [
        ["iot-dev-state"],
        ["iot-dev-hosted-zone", "iot-dev-data"],
        *order,
        ["iot-dev-entry-point"],
    ]
    after = {each.name: set(each.goes_after) for each in graph.nodes}
    for earlier, later in pairwise(order):
        assert all(after[name] == {*earlier} for name in later)
    read = {each.name: set(each.depends_on) for each in graph.nodes}["iot-dev-entry-point"]
    waited = read | after["iot-dev-entry-point"]
    assert waited == {"iot-dev-hosted-zone", *(name for names in order for name in names)}
    assert all("-iot-" in name for name in read - {"iot-dev-hosted-zone"})


def test_no_region_depends_on_another() -> None:
    graph = platform_graph(settings(regions=list(REGIONS), data={}))
    upstream = {"iot": "iot-dev-hosted-zone"}
    for stack_node in graph.nodes:
        if stack_node.is_regional:
            assert stack_node.depends_on == (upstream.get(stack_node.what, "iot-dev-data"),)


def test_all_stacks_of_a_region_that_leaves_go_together_after_the_entry_point() -> None:
    chosen = settings(regions=list(REGIONS[:2]), leaving_regions=list(REGIONS[2:4]), data={})
    *_, entry_point, one, other = platform_graph(chosen).waves
    assert [each.name for each in entry_point] == ["iot-dev-entry-point"]
    for wave, region in ((one, REGIONS[2]), (other, REGIONS[3])):
        assert [each.name for each in wave] == [f"iot-dev-{what}-{region}" for what in OF_A_REGION]
        assert {each.role for each in wave} == {"leaving"}


def test_with_a_copy_no_stack_of_a_region_waits_for_the_tables_at_home() -> None:
    waves = platform_graph(settings(handover_region="eu-central-1", data={})).waves
    names = [[each.name for each in wave] for wave in waves]
    assert names[:2] == [
        [f"iot-dev-{what}-{region}" for what in OF_A_REGION]
        for region in ("eu-central-1", "eu-west-1")
    ]
    assert ["iot-dev-hosted-zone", "iot-dev-data"] in names[2:]
    assert not any(each.depends_on for wave in waves[:2] for each in wave)


def test_a_region_that_reads_a_copy_waits_for_nothing_at_home_and_goes_first() -> None:
    waves = platform_graph(settings(handover_region="eu-central-1")).waves
    assert [[each.name for each in wave] for wave in waves] == [
        ["iot-dev-iot-eu-central-1"],
        ["iot-dev-iot-eu-west-1"],
        ["iot-dev-state"],
        ["iot-dev-hosted-zone"],
        ["iot-dev-entry-point"],
    ]
    assert not any(each.depends_on for wave in waves[:3] for each in wave)
    assert platform_graph(settings(handover_region="eu-west-1")).nodes == (
        platform_graph(settings()).nodes
    )


@pytest.mark.parametrize("active", ["eu-west-1", "eu-central-1"])
@pytest.mark.parametrize("primary", REGIONS[:3])
def test_the_active_pipeline_goes_first_and_its_standing_copy_last(
    active: str, primary: str
) -> None:
    chosen = settings(
        regions=list(REGIONS[:3]),
        leaving_regions=[REGIONS[3]],
        primary_region=primary,
        pipeline={**PIPELINE, "active_region": active},
    )
    first, *_, last = platform_graph(chosen).waves
    assert [(each.name, each.role) for each in first] == [(f"iot-dev-pipeline-{active}", "active")]
    assert [(each.region, each.role) for each in last] == [
        (standby_region(chosen.pipeline) if chosen.pipeline else "", "standing")
    ]

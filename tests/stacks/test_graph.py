"""The graph of stacks: waves, cycles, drawings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.graph import GraphError, StackGraph, StackNode
from stacks.platform_graph import platform_graph
from tests.support.settings import REGIONS, settings


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
    for each in nodes:
        assert number[each.name] == max((number[up] + 1 for up in each.depends_on), default=0)


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


@pytest.mark.parametrize("count", range(2, 6))
def test_a_platform_goes_in_four_waves_with_all_regions_in_the_third(count: int) -> None:
    graph = platform_graph(settings(regions=list(REGIONS[:count])))
    assert [[each.name for each in wave] for wave in graph.waves] == [
        ["iot-dev-state"],
        ["iot-dev-hosted-zone"],
        [f"iot-dev-iot-{region}" for region in REGIONS[:count]],
        ["iot-dev-entry-point"],
    ]


def test_a_region_that_reads_a_copy_waits_for_nothing_at_home() -> None:
    waves = platform_graph(settings(handover_region="eu-central-1")).waves
    regional = {"iot-dev-iot-eu-west-1", "iot-dev-iot-eu-central-1"}
    assert {node.name for node in waves[0]} == {"iot-dev-state", *regional}
    assert platform_graph(settings(handover_region="eu-west-1")).nodes == (
        platform_graph(settings()).nodes
    )


def test_the_text_lists_waves_with_region_role_and_what_each_stack_waits_for() -> None:
    text = platform_graph(settings(primary_region="eu-central-1")).text()
    assert text.splitlines()[4:7] == [
        "wave 3",
        "  iot-dev-iot-eu-west-1 (eu-west-1, standby)  after iot-dev-hosted-zone",
        "  iot-dev-iot-eu-central-1 (eu-central-1, primary)  after iot-dev-hosted-zone",
    ]


def test_the_mermaid_drawing_has_a_node_for_each_stack_and_an_arrow_for_each_dependency() -> None:
    graph = platform_graph(settings())
    lines = graph.mermaid().splitlines()
    arrows = {tuple(line.strip().split(" --> ")) for line in lines if "-->" in line}
    assert lines[0] == "flowchart TD"
    assert arrows == {(up, each.name) for each in graph.nodes for up in each.depends_on}
    for each in graph.nodes:
        assert sum(line.startswith(f'    {each.name}["') for line in lines) == 1

"""Some stacks of a graph by themselves."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from stacks.graph import StackGraph

MOST: Final = 5
"""Waves that an environment can have: while a region leaves, its stack goes in the last one."""


def only(graph: StackGraph, names: Collection[str]) -> StackGraph:
    """Give the named stacks, which wait for each other alone: the others stand as they are."""
    return StackGraph(
        replace(node, depends_on=tuple(name for name in node.depends_on if name in names))
        for node in graph.nodes
        if node.name in names
    )


def wave_numbers(graph: StackGraph) -> dict[str, int]:
    """Give each stack the number of its wave, from 1."""
    return {node.name: number for number, wave in enumerate(graph.waves, 1) for node in wave}


def only_wave(graph: StackGraph, number: int) -> StackGraph:
    """Give the stacks of one wave; none where there are fewer waves."""
    names = [name for name, wave in wave_numbers(graph).items() if wave == number]
    return only(graph, names)

"""Some stacks of a graph by themselves, or all of them wave by wave."""

from collections.abc import Collection
from dataclasses import replace

from iot_dr.common.user_error import UsageError
from stacks.graph import StackGraph
from stacks.rollout import Rollout


class UnknownWaveError(UsageError):
    """An environment has no wave of that number."""


def only(graph: StackGraph, names: Collection[str]) -> StackGraph:
    """Return the named stacks, which wait for each other alone: the others stand as they are."""
    return StackGraph(
        replace(
            node,
            depends_on=tuple(name for name in node.depends_on if name in names),
            goes_after=tuple(name for name in node.goes_after if name in names),
        )
        for node in graph.nodes
        if node.name in names
    )


def in_waves(graph: StackGraph) -> StackGraph:
    """Return the same stacks, each waiting for all that is rolled out before it."""
    return StackGraph(replace(node, depends_on=node.earlier, goes_after=()) for node in graph.nodes)


def only_wave(graph: StackGraph, number: int) -> StackGraph:
    """Return the stacks of one wave; raises UnknownWaveError where there is none of that number."""
    waves = {wave.number: wave for wave in Rollout(graph).waves}
    if number not in waves:
        message = f"--wave {number}: there are waves {min(waves)} to {max(waves)}"
        raise UnknownWaveError(message)
    return only(graph, waves[number].names)

"""Parts of a stack graph: named stacks, or one wave."""

from collections.abc import Collection
from dataclasses import replace

from iot_dr.common.user_error import UsageError
from stacks.graph import StackGraph
from stacks.rollout import RolloutWaves


class UnknownWaveError(UsageError):
    """An environment has no wave of that number."""


def subgraph(graph: StackGraph, names: Collection[str]) -> StackGraph:
    """Return the graph of the named stacks; dependencies on other stacks are dropped."""
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
    """Return the same stacks, each depending on all that are rolled out before it."""
    return StackGraph(replace(node, depends_on=node.earlier, goes_after=()) for node in graph.nodes)


def only_wave(graph: StackGraph, number: int) -> StackGraph:
    """Return the stacks of one wave; raises UnknownWaveError if there is no such wave."""
    waves = {wave.number: wave for wave in RolloutWaves(graph).waves}
    if number not in waves:
        message = f"--wave {number}: there are waves {min(waves)} to {max(waves)}"
        raise UnknownWaveError(message)
    return subgraph(graph, waves[number].names)

"""What a drawing of stacks shows, whatever it is drawn as."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from environments.settings import Settings
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class Row:
    """Stacks side by side; a title when the row is a wave."""

    title: str | None
    nodes: tuple[StackNode, ...]


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """From a stack to one that needs it or, dotted, that is only rolled out after it."""

    upstream: str
    downstream: str
    is_dotted: bool


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Stacks in rows from the top, and arrows that all lead down."""

    title: str
    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]

    @property
    def nodes(self) -> tuple[StackNode, ...]:
        """The stacks, row by row."""
        return tuple(node for row in self.rows for node in row.nodes)


def environment_chart(settings: Settings, *, in_waves: bool) -> Chart:
    """Show the stacks of an environment, by the waves of its rollout or by what each needs."""
    graph = platform_graph(settings)
    if in_waves:
        title = f"The waves in which {settings.environment} is rolled out"
        return wave_chart(title, Rollout(graph))
    return dependency_chart(f"The stacks of {settings.environment} and what each needs", graph)


def dependency_chart(title: str, graph: StackGraph) -> Chart:
    """Show what each stack needs, in as few rows as that allows."""
    rows = StackGraph(replace(node, goes_after=()) for node in graph.nodes).waves
    return Chart(
        title=title,
        rows=tuple(Row(title=None, nodes=nodes) for nodes in rows),
        arrows=tuple(_needs(graph)),
    )


def wave_chart(title: str, rollout: Rollout) -> Chart:
    """Show the waves, the first one at the top, and why each stack waits."""
    graph = rollout.graph
    return Chart(
        title=title,
        rows=tuple(
            Row(title=f"wave {wave.number}: {wave.scope}", nodes=wave.nodes)
            for wave in rollout.waves
        ),
        arrows=(*_needs(graph), *_goes_after(graph)),
    )


def _needs(graph: StackGraph) -> Iterator[Arrow]:
    for node in graph.nodes:
        for name in node.depends_on:
            yield Arrow(upstream=name, downstream=node.name, is_dotted=False)


def _goes_after(graph: StackGraph) -> Iterator[Arrow]:
    for node in graph.nodes:
        for name in node.goes_after:
            yield Arrow(upstream=name, downstream=node.name, is_dotted=True)

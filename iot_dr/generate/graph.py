"""The stacks of an environment by dependencies or in waves: as text, Mermaid or JSON values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves

_IN_LABELS: Final = re.compile(r"[^A-Za-z0-9 :,._-]")
_IN_IDS: Final = re.compile(r"[^A-Za-z0-9-]|-(?![A-Za-z0-9])")


@dataclass(frozen=True, kw_only=True)
class ChartRow:
    """Stacks in one row of a chart; `title` is None unless the row is a wave."""

    title: str | None
    nodes: tuple[StackNode, ...]


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """An arrow to a dependent stack; dotted to a stack that is only rolled out later."""

    upstream: str
    downstream: str
    is_dotted: bool


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Stacks in rows from the top, and arrows that all point down."""

    rows: tuple[ChartRow, ...]
    arrows: tuple[Arrow, ...]


def environment_chart(settings: Settings, *, in_waves: bool) -> Chart:
    """Return the chart of an environment, in waves or by dependencies."""
    graph = platform_graph(settings)
    return wave_chart(RolloutWaves(graph)) if in_waves else dependency_chart(graph)


def dependency_chart(graph: StackGraph) -> Chart:
    """Return the chart of the dependencies, in as few rows as possible."""
    rows = StackGraph(replace(node, goes_after=()) for node in graph.nodes).waves
    return Chart(
        rows=tuple(ChartRow(title=None, nodes=nodes) for nodes in rows),
        arrows=tuple(_needs(graph)),
    )


def wave_chart(rollout: RolloutWaves) -> Chart:
    """Return the chart of the waves, with dependencies and the order of the rollout."""
    graph = rollout.graph
    return Chart(
        rows=tuple(
            ChartRow(title=f"wave {wave.number}: {wave.scope}", nodes=wave.nodes)
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


def text(chart: Chart) -> str:
    """Return the stacks row by row, each with its region, role and upstream stacks."""
    return "".join(f"{line}\n" for line in _text_lines(chart))


def _text_lines(chart: Chart) -> Iterator[str]:
    for row in chart.rows:
        if row.title is not None:
            yield plain(row.title)
        margin = "" if row.title is None else "  "
        for node in row.nodes:
            place = plain(f"{node.region}, {node.role}" if node.role else node.region)
            yield f"{margin}{plain(node.name)} ({place}){_waits(chart, node.name)}"


def _waits(chart: Chart, name: str) -> str:
    phrases: list[str] = []
    for word, is_dotted in (("needs", False), ("after", True)):
        upstream = [
            arrow.upstream
            for arrow in chart.arrows
            if (arrow.downstream, arrow.is_dotted) == (name, is_dotted)
        ]
        if upstream:
            phrases.append(f"{word} {plain(', '.join(upstream))}")
    return f"  {'; '.join(phrases)}" if phrases else ""


def mermaid(chart: Chart) -> str:
    """Return a Mermaid flowchart: a box for each stack, a frame for each wave, and the arrows.

    GitHub draws it. Syntax: mermaid.js.org/syntax/flowchart.html.
    """
    return "".join(f"{line}\n" for line in _mermaid_lines(chart))


def _mermaid_lines(chart: Chart) -> Iterator[str]:
    yield "flowchart TD"
    for number, row in enumerate(chart.rows):
        boxes = [f"    {_box(node)}" for node in row.nodes]
        if row.title is None:
            yield from boxes
        else:
            yield f'    subgraph wave_{number}["{_label(row.title)}"]'
            yield from (f"    {box}" for box in boxes)
            yield "    end"
    for arrow in chart.arrows:
        line = "-.->" if arrow.is_dotted else "-->"
        yield f"    {_id(arrow.upstream)} {line} {_id(arrow.downstream)}"


def _box(node: StackNode) -> str:
    parts = [part for part in (node.name, node.region, node.role) if part]
    return f'{_id(node.name)}["{"<br/>".join(map(_label, parts))}"]'


def _label(value: str) -> str:
    """Return text in which characters that could end a label, or be markup, are entity codes."""
    return _IN_LABELS.sub(lambda match: f"#{ord(match[0])};", plain(value))


def _id(name: str) -> str:
    """Return a unique Mermaid id for a name; `_` occurs only in escapes, and no id has an arrow."""
    return _IN_IDS.sub(lambda match: f"_{ord(match[0]):x}_", name)


def document(settings: Settings, *, in_waves: bool) -> dict[str, Any]:
    """Return JSON values: the stacks, or the waves with their stacks."""
    graph = platform_graph(settings)
    if not in_waves:
        stacks = [_stack(node) for node in graph.nodes]
        return {"environment": settings.environment, "stacks": stacks}
    waves = [
        {
            "number": wave.number,
            "scope": wave.scope,
            "stacks": [
                {**_stack(node), "goes_after": list(node.goes_after)} for node in wave.nodes
            ],
        }
        for wave in RolloutWaves(graph).waves
    ]
    return {"environment": settings.environment, "waves": waves}


def _stack(node: StackNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.what,
        "region": node.region,
        "role": node.role,
        "depends_on": list(node.depends_on),
    }

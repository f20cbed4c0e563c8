"""The stacks of an environment by their needs or by the waves of its rollout, in three forms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from environments.settings import Settings
from iot_dr.common.plain_text import plain
from stacks.graph import StackGraph, StackNode
from stacks.platform_graph import platform_graph
from stacks.rollout import Rollout

_IN_LABELS: Final = re.compile(r"[^A-Za-z0-9 :,._-]")
_IN_IDS: Final = re.compile(r"[^A-Za-z0-9-]|-(?![A-Za-z0-9])")


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

    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]


def environment_chart(settings: Settings, *, in_waves: bool) -> Chart:
    """Return the chart of an environment, by the waves of its rollout or by what each needs."""
    graph = platform_graph(settings)
    return wave_chart(Rollout(graph)) if in_waves else dependency_chart(graph)


def dependency_chart(graph: StackGraph) -> Chart:
    """Return the chart of what each stack needs, in as few rows as that allows."""
    rows = StackGraph(replace(node, goes_after=()) for node in graph.nodes).waves
    return Chart(
        rows=tuple(Row(title=None, nodes=nodes) for nodes in rows),
        arrows=tuple(_needs(graph)),
    )


def wave_chart(rollout: Rollout) -> Chart:
    """Return the chart of the waves, the first one at the top, and of why each stack waits."""
    graph = rollout.graph
    return Chart(
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


def text(chart: Chart) -> str:
    """List the stacks row by row, each with its region, its role and what it waits for."""
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
    told: list[str] = []
    for word, is_dotted in (("needs", False), ("after", True)):
        found = [
            arrow.upstream
            for arrow in chart.arrows
            if (arrow.downstream, arrow.is_dotted) == (name, is_dotted)
        ]
        if found:
            told.append(f"{word} {plain(', '.join(found))}")
    return f"  {'; '.join(told)}" if told else ""


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
    told = [part for part in (node.name, node.region, node.role) if part]
    return f'{_id(node.name)}["{"<br/>".join(map(_label, told))}"]'


def _label(value: str) -> str:
    """Write all that could end a label, or be markup in it, as a Mermaid entity code."""
    return _IN_LABELS.sub(lambda match: f"#{ord(match[0])};", plain(value))


def _id(name: str) -> str:
    """Return an id of its own for each name, one that is no arrow: `_` stands in escapes alone."""
    return _IN_IDS.sub(lambda match: f"_{ord(match[0]):x}_", name)


def document(settings: Settings, *, in_waves: bool) -> dict[str, Any]:
    """Return values of JSON: the stacks, or the waves in order with the stacks of each."""
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
        for wave in Rollout(graph).waves
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

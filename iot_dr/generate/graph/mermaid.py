"""A chart of stacks as a Mermaid flowchart, which GitHub draws."""

import re
from collections.abc import Iterator
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph.chart import Chart
from stacks.graph import StackNode

_IN_LABELS: Final = re.compile(r"[^A-Za-z0-9 :,._-]")
_IN_IDS: Final = re.compile(r"[^A-Za-z0-9-]|-(?![A-Za-z0-9])")


def mermaid(chart: Chart) -> str:
    """Draw a box for each stack, in a frame for each wave, and the arrows.

    Syntax: mermaid.js.org/syntax/flowchart.html.
    """
    return "".join(f"{line}\n" for line in _lines(chart))


def _lines(chart: Chart) -> Iterator[str]:
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
    """Give each name an id of its own that is no arrow: `_` stands in escapes alone."""
    return _IN_IDS.sub(lambda match: f"_{ord(match[0]):x}_", name)

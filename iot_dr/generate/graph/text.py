"""A chart of stacks as lines, for a terminal or a log."""

from collections.abc import Iterator

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph.chart import Chart
from stacks.graph import StackNode


def text(chart: Chart) -> str:
    """List the stacks row by row, each with its region, its role and what it waits for."""
    return "".join(f"{line}\n" for line in _lines(chart))


def where(node: StackNode) -> str:
    """Tell a stack's region, and its role if it has one: `eu-west-1, primary`."""
    return plain(f"{node.region}, {node.role}" if node.role else node.region)


def _lines(chart: Chart) -> Iterator[str]:
    for row in chart.rows:
        if row.title is not None:
            yield plain(row.title)
        margin = "" if row.title is None else "  "
        for node in row.nodes:
            yield f"{margin}{plain(node.name)} ({where(node)}){_waits(chart, node.name)}"


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

"""A chart of stacks as an SVG file, drawn without a browser."""

from collections.abc import Iterator
from html import escape
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph.chart import Arrow, Chart
from iot_dr.generate.graph.layout import (
    CHARACTER,
    LINE,
    MARGIN,
    Band,
    Box,
    Layout,
    Line,
    Point,
    layout,
)
from iot_dr.generate.graph.text import text

# Colours by themselves, for not every program that shows SVG knows variables of CSS.
_STYLE: Final = """\
text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #1f2933 }
.box text { text-anchor: middle }
.box text:first-of-type { font-weight: bold }
.box rect, .arrow { stroke: #52606d; stroke-width: 1.5 }
.ground, .box rect { fill: #ffffff }
.band { fill: #eef2f7 }
.arrow { fill: none }
.dotted { stroke-dasharray: 2 5 }
.head { fill: #52606d }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .box rect, .arrow { stroke: #9fb0c3 }
  .ground, .box rect { fill: #0d1117 }
  .band { fill: #1c2530 }
  .head { fill: #9fb0c3 }
}
"""

_HEAD: Final = (
    '<marker id="head" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8"'
    ' orient="auto"><path class="head" d="M0 0 10 5 0 10z"/></marker>'
)

_LEGEND: Final = {
    "arrow": "the lower stack needs the upper one",
    "arrow dotted": "it is only rolled out later",
}
_SAMPLE: Final = 50
"""The length in pixels of the arrows in the legend."""


def svg(chart: Chart) -> str:
    """Draw a chart for light and dark pages; a screen reader gets its title and its text."""
    return "".join(f"{line}\n" for line in _lines(chart, layout(chart)))


def _lines(chart: Chart, places: Layout) -> Iterator[str]:
    kinds = [kind for kind in _LEGEND if any(_kind(arrow) == kind for arrow in chart.arrows)]
    width = max(places.width, *(_legend_width(kind) for kind in kinds), 0)
    height = places.height + (len(kinds) * LINE + MARGIN if kinds else 0)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-labelledby="title desc">'
    )
    yield f'<title id="title">{_safe(chart.title)}</title>'
    yield f'<desc id="desc">{"; ".join(map(_safe, text(chart).splitlines()))}</desc>'
    yield f"<style>\n{_STYLE}</style>"
    yield f"<defs>{_HEAD}</defs>"
    yield f'<rect class="ground" width="{width}" height="{height}"/>'
    for band in places.bands:
        yield from _band(band, width)
    for line in places.lines:
        yield _arrow(line)
    for box in places.boxes:
        yield from _box(box)
    for number, kind in enumerate(kinds):
        yield _legend(kind, places.height + number * LINE + LINE // 2)
    yield "</svg>"


def _band(band: Band, width: int) -> Iterator[str]:
    side = MARGIN // 2
    yield (
        f'<rect class="band" x="{side}" y="{band.top}" width="{width - 2 * side}"'
        f' height="{band.height}" rx="8"/>'
    )
    middle = band.top + band.height // 2 + LINE // 4
    yield f'<text x="{MARGIN}" y="{middle}">{_safe(band.title)}</text>'


def _box(box: Box) -> Iterator[str]:
    yield '<g class="box">'
    yield (f'<rect x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" rx="6"/>')
    for number, told in enumerate((box.name, box.place)):
        height = box.top + (5 + 4 * number) * LINE // 4
        yield f'<text x="{box.middle}" y="{height}">{_safe(told)}</text>'
    yield "</g>"


def _kind(arrow: Arrow) -> str:
    return "arrow dotted" if arrow.is_dotted else "arrow"


def _arrow(line: Line) -> str:
    x, y = line.start
    way = _curve(line.start, line.end)
    if line.lane is not None:
        enter, leave = line.lane
        way = f"{_curve(line.start, enter)}V{leave[1]}{_curve(leave, line.end)}"
    return f'<path class="{_kind(line.arrow)}" d="M{x} {y}{way}" marker-end="url(#head)"/>'


def _curve(start: Point, end: Point) -> str:
    """Leave and arrive upright."""
    half = (start[1] + end[1]) // 2
    return f"C{start[0]} {half} {end[0]} {half} {end[0]} {end[1]}"


def _legend(kind: str, height: int) -> str:
    return (
        f'<path class="{kind}" d="M{MARGIN} {height}h{_SAMPLE}" marker-end="url(#head)"/>'
        f'<text x="{2 * MARGIN + _SAMPLE}" y="{height + LINE // 4}">{_LEGEND[kind]}</text>'
    )


def _legend_width(kind: str) -> int:
    return 3 * MARGIN + _SAMPLE + len(_LEGEND[kind]) * CHARACTER


def _safe(value: str) -> str:
    return escape(plain(value), quote=True)

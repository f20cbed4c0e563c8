"""Where the boxes and arrows of a chart stand, in whole pixels from the upper left corner.

An arrow to the next row stays in the gap between the two rows. A longer one goes in the gap below
its first box to its lane, down, and in the gap above its last box back. So no arrow goes through
a box.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from iot_dr.common.plain_text import plain
from iot_dr.generate.graph.chart import Arrow, Chart
from iot_dr.generate.graph.lanes import Lane, lanes
from iot_dr.generate.graph.text import where
from stacks.graph import StackNode

LINE: Final = 20
"""The height of a line of text."""

CHARACTER: Final = 9
"""The width of a character: a little more than what monospaced ones of 14 pixels take."""

MARGIN: Final = 20
"""What stays free around everything."""

_BOX_HEIGHT: Final = 3 * LINE
_COLUMN_GAP: Final = 28
_ROW_GAP: Final = 64
_LANE: Final = 18
_BAND: Final = 12

_UPSTREAM: Final[Callable[[Arrow], str]] = attrgetter("upstream")
_DOWNSTREAM: Final[Callable[[Arrow], str]] = attrgetter("downstream")

Point = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A stack's box with its two lines of text."""

    name: str
    place: str
    left: int
    top: int
    width: int
    height: int = _BOX_HEIGHT

    @property
    def bottom(self) -> int:
        """The height at which its lower edge is."""
        return self.top + self.height

    @property
    def middle(self) -> int:
        """Half way between its left and its right."""
        return self.left + self.width // 2


@dataclass(frozen=True, kw_only=True)
class Line:
    """An arrow's way from the lower edge of a box to the upper edge of another.

    A long one is in its lane between two points.
    """

    arrow: Arrow
    start: Point
    lane: tuple[Point, Point] | None
    end: Point


@dataclass(frozen=True, kw_only=True)
class Band:
    """The ground of a wave, from side to side, with its title at the left."""

    title: str
    top: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The places of all that a chart shows; the same chart always has the same ones."""

    width: int
    height: int
    bands: tuple[Band, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def layout(chart: Chart) -> Layout:
    """Give each box, arrow and title of a chart its place."""
    grid = _Grid(chart)
    boxes = {
        node.name: grid.box(node, number, index)
        for number, row in enumerate(chart.rows)
        for index, node in enumerate(row.nodes)
    }
    return Layout(
        width=grid.width,
        height=_top(len(chart.rows) - 1) + _BOX_HEIGHT + MARGIN,
        bands=tuple(
            Band(title=plain(row.title), top=_top(number) - _BAND, height=_BOX_HEIGHT + 2 * _BAND)
            for number, row in enumerate(chart.rows)
            if row.title is not None
        ),
        boxes=tuple(boxes.values()),
        lines=tuple(_lines(chart.arrows, boxes, grid.lanes)),
    )


class _Grid:
    """The columns of a layout: titles, lanes, boxes, lanes."""

    def __init__(self, chart: Chart) -> None:
        found = lanes(chart)
        lanes_left, lanes_right = (
            max((lane.number + 1 for lane in found.values() if lane.side == side), default=0)
            for side in ("left", "right")
        )
        titles = _longest(row.title or "" for row in chart.rows)
        texts = _longest(told for node in chart.nodes for told in (node.name, where(node)))
        self._box_width = texts + 2 * MARGIN
        self._counts = [len(row.nodes) for row in chart.rows]
        self._left = MARGIN + (titles + MARGIN if titles else 0) + lanes_left * _LANE
        self._right = self._left + self._span(max(self._counts))
        self.width = self._right + lanes_right * _LANE + MARGIN
        self.lanes = {arrow: self._lane(lane) for arrow, lane in found.items()}

    def box(self, node: StackNode, row: int, index: int) -> Box:
        """Place a box; the boxes of a row stand around the middle of the picture's."""
        free = self._right - self._left - self._span(self._counts[row])
        return Box(
            name=plain(node.name),
            place=where(node),
            left=self._left + free // 2 + index * (self._box_width + _COLUMN_GAP),
            top=_top(row),
            width=self._box_width,
        )

    def _span(self, boxes: int) -> int:
        return boxes * (self._box_width + _COLUMN_GAP) - _COLUMN_GAP

    def _lane(self, lane: Lane) -> int:
        away = (lane.number + 1) * _LANE
        return self._left - away if lane.side == "left" else self._right + away


def _lines(
    arrows: Iterable[Arrow], boxes: Mapping[str, Box], lanes: Mapping[Arrow, int]
) -> Iterator[Line]:
    arrows = tuple(arrows)
    start, end = (
        _ports(arrows, boxes, lanes, of=of, to=to)
        for of, to in ((_UPSTREAM, _DOWNSTREAM), (_DOWNSTREAM, _UPSTREAM))
    )
    for arrow in arrows:
        top, bottom = boxes[arrow.upstream].bottom, boxes[arrow.downstream].top
        x = lanes.get(arrow)
        yield Line(
            arrow=arrow,
            start=(start[arrow], top),
            lane=None if x is None else ((x, top + _ROW_GAP), (x, bottom - _ROW_GAP)),
            end=(end[arrow], bottom),
        )


def _ports(
    arrows: Iterable[Arrow],
    boxes: Mapping[str, Box],
    lanes: Mapping[Arrow, int],
    *,
    of: Callable[[Arrow], str],
    to: Callable[[Arrow], str],
) -> dict[Arrow, int]:
    """Spread the arrows of each box over its edge, in the order in which they leave it sideways."""
    by_box: defaultdict[str, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        by_box[of(arrow)].append(arrow)
    return {
        arrow: boxes[name].left + boxes[name].width * number // (len(found) + 1)
        for name, found in by_box.items()
        for number, arrow in enumerate(
            sorted(found, key=lambda arrow: lanes.get(arrow, boxes[to(arrow)].middle)), 1
        )
    }


def _top(row: int) -> int:
    return MARGIN + row * (_BOX_HEIGHT + _ROW_GAP)


def _longest(texts: Iterable[str]) -> int:
    return max((len(plain(text)) for text in texts), default=0) * CHARACTER

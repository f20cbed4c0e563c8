"""The lanes beside the boxes of a chart, in which arrows pass rows that are not their own."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Literal

from iot_dr.generate.graph.chart import Arrow, Chart


@dataclass(frozen=True)
class Lane:
    """A lane at one side of all boxes; number 0 is the one next to them."""

    side: Literal["left", "right"]
    number: int


def lanes(chart: Chart) -> dict[Arrow, Lane]:
    """Give a lane to each arrow that leads further than to the next row.

    The short ones are next to the boxes. What leaves one stack for several is at the left, what
    comes from several to one at the right, so that few arrows cross.
    """
    row = {node.name: number for number, each in enumerate(chart.rows) for node in each.nodes}

    def length(arrow: Arrow) -> int:
        return row[arrow.downstream] - row[arrow.upstream]

    long = sorted((arrow for arrow in chart.arrows if length(arrow) > 1), key=length)
    leaving = Counter(arrow.upstream for arrow in long)
    coming = Counter(arrow.downstream for arrow in long)
    taken: defaultdict[Lane, set[int]] = defaultdict(set)
    found: dict[Arrow, Lane] = {}
    for arrow in long:
        gaps = range(row[arrow.upstream], row[arrow.downstream])
        side = "left" if leaving[arrow.upstream] >= coming[arrow.downstream] else "right"
        all_lanes = (Lane(side, number) for number in count())
        found[arrow] = next(lane for lane in all_lanes if taken[lane].isdisjoint(gaps))
        taken[found[arrow]].update(gaps)
    return found

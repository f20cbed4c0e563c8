"""Steps as a path of few points, whatever they are many of."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from iot_dr.drill.report.page.scale import Scale

_PIXEL: Final = 2
"""Parts of a pixel that are told apart."""


def stepped(times: Sequence[float], counts: Sequence[float], x: Scale, y: Scale, end: float) -> str:
    """Give the path from the first time to `end`; each count holds until the next time.

    What happens within half a pixel is one upright line, from the least to the most of it.
    """
    points = [
        (round(x(at) * _PIXEL) / _PIXEL, round(y(count), 1))
        for at, count in zip(times, counts, strict=True)
    ]
    if not points:
        return ""
    first_x, first_y = points[0]
    way = [f"M{first_x:g} {first_y:g}"]
    before = first_y
    for at, same in groupby(points, key=lambda point: point[0]):
        heights = [height for _, height in same]
        ups = "".join(f"V{height:g}" for height in _turns(before, heights))
        if ups:
            way.append(f"H{at:g}{ups}")
        before = heights[-1]
    return "".join((*way, f"H{x(end):g}"))


def area(way: str, x: float, y: float) -> str:
    """Close a path, down to y and back to the x at which it began."""
    return f"{way}V{y:g}H{x:g}Z" if way else ""


def _turns(before: float, heights: Sequence[float]) -> Iterator[float]:
    """Give where a pen turns that must have been at all heights, and ends at the last."""
    least, most, last = min(heights), max(heights), heights[-1]
    at = before
    for height in (least, most, last):
        is_needed = height == last or not (min(before, last) <= height <= max(before, last))
        if is_needed and height != at:
            yield height
            at = height

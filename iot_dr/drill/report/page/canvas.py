"""The elements that drawings are made of; colours are classes, so that they follow the page's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from math import ceil
from typing import Final

from iot_dr.common.html import Element, Node, element

NARROW: Final = 358
"""The pixels that a phone of 390 leaves for a drawing."""

WIDE: Final = 720
"""The pixels of a drawing elsewhere; it may be shown larger."""

LEFT: Final = 40
RIGHT: Final = 8
_CHARACTER: Final = 6.6
LINE: Final = 15
"""The height in pixels of a line of text."""

_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
_COUNTS: Final = tuple(digit * 10**power for power in range(8) for digit in (1, 2, 5))

_PIXEL: Final = 2
"""Parts of a pixel that are told apart."""


def svg(width: int, height: int, label: str, children: Iterable[Node]) -> Element:
    """Make a drawing that a screen reader tells as one picture."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {width} {height}",
        class_="narrow" if width == NARROW else "wide",
        role="img",
        aria_label=label,
    )


def text(x: float, y: float, what: str, of: str = "", anchor: str = "start") -> Element:
    """Write a line of text; `of` is its class, `anchor` the part of it that stands at x."""
    return element("text", what, x=_px(x), y=_px(y), class_=of, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, of: str) -> Element:
    """Draw a straight line."""
    return element("line", x1=_px(x1), y1=_px(y1), x2=_px(x2), y2=_px(y2), class_=of)


def path(way: str, of: str) -> Element:
    """Draw a way in the language of SVG paths."""
    return element("path", d=way, class_=of)


def box(x: float, y: float, width: float, height: float, of: str) -> Element:
    """Draw a filled rectangle."""
    size = {"width": _px(width), "height": _px(height)}
    return element("rect", x=_px(x), y=_px(y), class_=of, **size)


def text_width(what: str) -> float:
    """Estimate the pixels that a line of text takes."""
    return len(what) * _CHARACTER


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low` to `begin` and `high` to `end`, both in pixels, and what is between evenly."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        part = (value - self.low) / ((self.high - self.low) or 1)
        return self.begin + part * (self.end - self.begin)

    def seconds(self, apart: float) -> Iterator[int]:
        """Return round seconds, at least so many pixels apart."""
        return self._round(_SECONDS, apart)

    def counts(self, apart: float) -> Iterator[int]:
        """Return round numbers, at least so many pixels apart."""
        return self._round(_COUNTS, apart)

    def _round(self, steps: tuple[int, ...], apart: float) -> Iterator[int]:
        room = abs(self.end - self.begin) or 1
        wanted = apart * (self.high - self.low) / room
        step = next((each for each in steps if each >= wanted), max(1, ceil(wanted)))
        first = ceil(self.low / step)
        values = (number * step for number in range(first, first + 1000))
        return takewhile(lambda value: value <= self.high, values)


def across(width: int, begin: float, end: float) -> Scale:
    """Return the axis of time, which is the same in all drawings of an outage."""
    return Scale(begin, end, LEFT, width - RIGHT)


def time_axis(x: Scale, y: float) -> Iterable[Element]:
    """Draw the axis of seconds below a drawing."""
    yield line(x.begin, y, x.end, y, "axis")
    for second in x.seconds(64):
        at = x(second)
        unit = " s" if second == 0 else ""
        yield line(at, y, at, y + 4, "axis")
        yield text(at, y + LINE + 2, f"{second:,}{unit}", "tick", "middle")


def count_axis(x: Scale, y: Scale, counts: Iterable[int], unit: str = "") -> Iterable[Element]:
    """Draw faint lines at some counts, which stand beside them."""
    for count in counts:
        at = y(count)
        yield line(x.begin, at, x.end, at, "grid")
        yield text(x.begin - 6, at + 4, f"{count:,}{unit}", "tick", "end")


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def stepped(times: Sequence[float], counts: Sequence[float], x: Scale, y: Scale, end: float) -> str:
    """Return the path from the first time to `end`; each count holds until the next time.

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
    """Return where a pen turns that must have been at all heights, and ends at the last."""
    least, most, last = min(heights), max(heights), heights[-1]
    at = before
    for height in (least, most, last):
        is_needed = height == last or not (min(before, last) <= height <= max(before, last))
        if is_needed and height != at:
            yield height
            at = height

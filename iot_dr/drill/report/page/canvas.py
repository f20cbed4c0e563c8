"""SVG elements of drawings; colours are CSS classes of the page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from math import ceil
from typing import Final

from iot_dr.common.html import Element, Node, element

NARROW: Final = 358
"""Width in pixels of a drawing on a phone of 390 pixels."""

WIDE: Final = 720
"""Width in pixels of a drawing on larger screens; it may be scaled up."""

LEFT: Final = 40
RIGHT: Final = 8
BOTTOM: Final = 24
_CHARACTER: Final = 6.6
LINE: Final = 15
"""Height of a line of text in pixels."""

_SECONDS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
_COUNTS: Final = tuple(digit * 10**power for power in range(8) for digit in (1, 2, 5))

_PIXEL: Final = 2
"""Resolution: fractions of a pixel."""


def svg(width: int, height: int, label: str, children: Iterable[Node]) -> Element:
    """Return a drawing that screen readers announce as one image."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {width} {height}",
        class_="narrow" if width == NARROW else "wide",
        role="img",
        aria_label=label,
    )


def text(x: float, y: float, content: str, class_name: str = "", anchor: str = "start") -> Element:
    """Return a line of text; `anchor` is the part of it at x."""
    return element("text", content, x=_px(x), y=_px(y), class_=class_name, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_name: str) -> Element:
    """Return a straight line."""
    return element("line", x1=_px(x1), y1=_px(y1), x2=_px(x2), y2=_px(y2), class_=class_name)


def path(commands: str, class_name: str) -> Element:
    """Return a path of SVG path commands."""
    return element("path", d=commands, class_=class_name)


def box(x: float, y: float, width: float, height: float, class_name: str) -> Element:
    """Return a filled rectangle."""
    size = {"width": _px(width), "height": _px(height)}
    return element("rect", x=_px(x), y=_px(y), class_=class_name, **size)


def text_width(content: str) -> float:
    """Return the estimated width of a line of text in pixels."""
    return len(content) * _CHARACTER


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear scale from `low` and `high` to the pixels `begin` and `end`."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the position of a value in pixels."""
        part = (value - self.low) / ((self.high - self.low) or 1)
        return self.begin + part * (self.end - self.begin)

    def second_ticks(self, min_pixels: float) -> Iterator[int]:
        """Return round seconds for the ticks of an axis, at least `min_pixels` apart."""
        return self._round(_SECONDS, min_pixels)

    def count_ticks(self, min_pixels: float) -> Iterator[int]:
        """Return round numbers for the ticks of an axis, at least `min_pixels` apart."""
        return self._round(_COUNTS, min_pixels)

    def _round(self, steps: tuple[int, ...], min_pixels: float) -> Iterator[int]:
        room = abs(self.end - self.begin) or 1
        wanted = min_pixels * (self.high - self.low) / room
        step = next((each for each in steps if each >= wanted), max(1, ceil(wanted)))
        first = ceil(self.low / step)
        values = (number * step for number in range(first, first + 1000))
        return takewhile(lambda value: value <= self.high, values)


def across(width: int, begin: float, end: float) -> Scale:
    """Return the scale of time, which all drawings of an outage share."""
    return Scale(begin, end, LEFT, width - RIGHT)


def time_axis(x: Scale, y: float) -> Iterable[Element]:
    """Yield the axis of seconds."""
    yield line(x.begin, y, x.end, y, "axis")
    for second in x.second_ticks(64):
        at = x(second)
        unit = " s" if second == 0 else ""
        yield line(at, y, at, y + 4, "axis")
        yield text(at, y + LINE + 2, f"{second:,}{unit}", "tick", "middle")


def count_axis(x: Scale, y: Scale, counts: Iterable[int], unit: str = "") -> Iterable[Element]:
    """Yield grid lines at some counts, with labels."""
    for count in counts:
        at = y(count)
        yield line(x.begin, at, x.end, at, "grid")
        yield text(x.begin - 6, at + 4, f"{count:,}{unit}", "tick", "end")


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def stepped(times: Sequence[float], counts: Sequence[float], x: Scale, y: Scale, end: float) -> str:
    """Return the path commands of a step function from the first time to `end`.

    Steps within half a pixel become one vertical line from their minimum to their maximum.
    """
    points = [
        (round(x(at) * _PIXEL) / _PIXEL, round(y(count), 1))
        for at, count in zip(times, counts, strict=True)
    ]
    if not points:
        return ""
    first_x, first_y = points[0]
    commands = [f"M{first_x:g} {first_y:g}"]
    before = first_y
    for at, same in groupby(points, key=lambda point: point[0]):
        heights = [height for _, height in same]
        ups = "".join(f"V{height:g}" for height in _turns(before, heights))
        if ups:
            commands.append(f"H{at:g}{ups}")
        before = heights[-1]
    return "".join((*commands, f"H{x(end):g}"))


def area(commands: str, x: float, y: float) -> str:
    """Return the commands of a closed area down to y; x is where the path began."""
    return f"{commands}V{y:g}H{x:g}Z" if commands else ""


def _turns(before: float, heights: Sequence[float]) -> Iterator[float]:
    """Yield the turning points of a vertical line through all heights that ends at the last."""
    least, most, last = min(heights), max(heights), heights[-1]
    at = before
    for height in (least, most, last):
        is_needed = height == last or not (min(before, last) <= height <= max(before, last))
        if is_needed and height != at:
            yield height
            at = height

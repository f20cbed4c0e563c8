"""The elements that drawings are made of; colours are classes, so that they follow the page's."""

from collections.abc import Iterable
from typing import Final

from iot_dr.common.html import Element, Node, element
from iot_dr.drill.report.page.scale import Scale

NARROW: Final = 358
"""The pixels that a phone of 390 leaves for a drawing."""

WIDE: Final = 720
"""The pixels of a drawing elsewhere; it may be shown larger."""

LEFT: Final = 40
RIGHT: Final = 8
_CHARACTER: Final = 6.6
LINE: Final = 15
"""The height in pixels of a line of text."""


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


def across(width: int, begin: float, end: float) -> Scale:
    """Give the axis of time, which is the same in all drawings of an outage."""
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

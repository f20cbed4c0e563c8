"""An SVG picture, read back from its text: boxes, and arrows as the points that they go through."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self
from xml.etree import ElementTree as ET

SVG: Final = "{http://www.w3.org/2000/svg}"
BOLD: Final = 8.43
"""The width of a bold character of 14 pixels in DejaVu Sans Mono, the widest of the usual fonts."""

_STEPS: Final = 24
_COMMAND: Final = re.compile(r"([MCV])([^MCV]*)")

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, element: ET.Element) -> Self:
        x, y, width, height = (float(element.get(key, "0")) for key in _SIDES)
        return cls(x, y, x + width, y + height)

    def overlaps(self, other: "Rectangle") -> bool:
        return (
            self.left < other.right and other.left < self.right
            and self.top < other.bottom and other.top < self.bottom
        )  # fmt: skip

    def has_inside(self, point: Point) -> bool:
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom

    def holds(self, other: "Rectangle") -> bool:
        return (
            self.left <= other.left and other.right <= self.right
            and self.top <= other.top and other.bottom <= self.bottom
        )  # fmt: skip


_SIDES: Final = ("x", "y", "width", "height")


class Picture:
    """What the picture shows; raises ParseError when it is no XML."""

    def __init__(self, text: str) -> None:
        self.root = ET.fromstring(text)  # noqa: S314 - this project's own text
        _, _, width, height = map(float, self.root.get("viewBox", "").split())
        self.view = Rectangle(0, 0, width, height)
        self.boxes: dict[str, Rectangle] = {}
        self.texts: list[tuple[str, Rectangle, Rectangle | None]] = []
        for group in self.root.iterfind(f"{SVG}g"):
            (rectangle,) = group.iterfind(f"{SVG}rect")
            box = Rectangle.of(rectangle)
            name, place = (each.text or "" for each in group.iterfind(f"{SVG}text"))
            self.boxes[name] = box
            for each, told in zip(group.iterfind(f"{SVG}text"), (name, place), strict=True):
                half = len(told) * BOLD / 2
                self.texts.append((told, _text(each, -half, half), box))
        for each in self.root.iterfind(f"{SVG}text"):
            told = each.text or ""
            self.texts.append((told, _text(each, 0, len(told) * BOLD), None))
        self.bands = [
            Rectangle.of(each)
            for each in self.root.iterfind(f"{SVG}rect")
            if each.get("class") == "band"
        ]
        self.arrows = [
            (each.get("class", ""), points(each.get("d", "")))
            for each in self.root.iterfind(f"{SVG}path")
            if "h" not in each.get("d", "")  # those of the legend
        ]


def _text(element: ET.Element, before: float, behind: float) -> Rectangle:
    x, y = float(element.get("x", "")), float(element.get("y", ""))
    return Rectangle(x + before, y - 11, x + behind, y + 4)


def points(way: str) -> list[Point]:
    """Give the points of a path, many on each curve."""
    found: list[Point] = []
    for command, numbers in _COMMAND.findall(way):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            found.append((values[0], values[1]))
        elif command == "V":
            x, y = found[-1]
            found += [(x, y + (values[0] - y) * step / _STEPS) for step in range(1, _STEPS + 1)]
        else:
            bends = [found[-1], *zip(values[::2], values[1::2], strict=True)]
            found += [_curve(bends, step / _STEPS) for step in range(1, _STEPS + 1)]
    return found


def _curve(bends: list[Point], part: float) -> Point:
    """De Casteljau: between each two points, again and again."""
    while len(bends) > 1:
        bends = [(x + (u - x) * part, y + (v - y) * part) for (x, y), (u, v) in pairwise(bends)]
    return bends[0]

"""Attribute differences as lines with a sign in front."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.read.attribute_diff import SENSITIVE, UNKNOWN, AttributeDiff, Kind, Shown

# What paths are made of: `a.b[0].c` and `tags["an odd key"]`. All else could look like a value.
_PATH: Final = re.compile(r'(?:[\w./@+-]|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+')
_PATHS: Final = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: `+`, `-`, `@` or a space, and the text behind it."""

    sign: str
    text: str

    def __str__(self) -> str:
        """Return the line as a unified diff shows it."""
        return f"{self.sign}{self.text}" if self.sign == "@" else f"{self.sign} {self.text}"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a difference is shown: the lines of a resource, the characters of a line."""

    lines: int
    width: int


def cut_lines(diffs: Iterable[AttributeDiff], extent: Extent) -> tuple[list[Line], bool]:
    """Return the first lines of differences, and whether anything of them was left out.

    What is only known after the apply, and was not there before, is named together at the end.
    """
    lines = list(islice(_lines(diffs, extent.width), extent.lines + 1))
    is_cut = len(lines) > extent.lines
    return (lines[: extent.lines], True) if is_cut else (lines, False)


def shown(value: Shown) -> str:
    """Say a side of a difference; of a sensitive one never more than that it is."""
    match value.kind:
        case Kind.SENSITIVE:
            return SENSITIVE.text
        case Kind.UNKNOWN:
            return UNKNOWN.text
        case Kind.ABSENT:
            return "none"
        case Kind.VALUE:
            return value.text


def path(diff: AttributeDiff) -> str:
    """Return an attribute's path; in quotes where it could be taken for more than a path."""
    return diff.path if _PATH.fullmatch(diff.path) else json.dumps(diff.path, ensure_ascii=False)


def _lines(diffs: Iterable[AttributeDiff], width: int) -> Iterator[Line]:
    later: list[str] = []
    for diff in diffs:
        if diff.before.kind is Kind.ABSENT and diff.after.kind is Kind.UNKNOWN:
            later.append(clipped(path(diff), width))
        else:
            yield from _diff_lines(diff, width)
    for at in range(0, len(later), _PATHS):
        yield Line("+", f"known after apply: {', '.join(later[at : at + _PATHS])}")


def _diff_lines(diff: AttributeDiff, width: int) -> Iterator[Line]:
    name = clipped(path(diff), width)
    mark = "  # forces the replacement" if diff.forces else ""
    if diff.lines:
        yield Line(" ", f"{name}:{mark}")
        yield from (_unified(clipped(each, width)) for each in diff.lines)
        return
    if diff.before.kind is not Kind.ABSENT:
        gone = mark if diff.after.kind is Kind.ABSENT else ""
        yield Line("-", f"{name}: {clipped(shown(diff.before), width)}{gone}")
    if diff.after.kind is not Kind.ABSENT:
        yield Line("+", f"{name}: {clipped(shown(diff.after), width)}{mark}")


def _unified(line: str) -> Line:
    sign = line[:1] or " "
    return Line(sign, line[1:] if sign == "@" else f"  {line[1:]}")

"""Attribute differences as the lines of a diff."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from iot_dr.common.visible import clipped
from iot_dr.review.read.attribute_diff import (
    SENSITIVE,
    UNKNOWN,
    AttributeDiff,
    ShownValue,
    ValueKind,
)

# A plain path, e.g. `a.b[0].c` or `tags["a key"]`. Others are quoted: they could look like a value.
_PATH: Final = re.compile(r'(?:[\w./@+-]|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+')
_PATHS_OF_LINE: Final = 6


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff: its sign (`+`, `-`, `@` or a space) and its text."""

    sign: str
    text: str

    def __str__(self) -> str:
        """Return the line as in a unified diff."""
        return f"{self.sign}{self.text}" if self.sign == "@" else f"{self.sign} {self.text}"


@dataclass(frozen=True, slots=True)
class Extent:
    """The limits of a diff: lines of a resource, characters of a line."""

    lines: int
    width: int


def truncated_lines(diffs: Iterable[AttributeDiff], extent: Extent) -> tuple[list[DiffLine], bool]:
    """Return the first lines of differences, and whether lines were left out.

    New attributes that are unknown until apply are listed together at the end.
    """
    lines = list(islice(_lines(diffs, extent.width), extent.lines + 1))
    is_cut = len(lines) > extent.lines
    return (lines[: extent.lines], True) if is_cut else (lines, False)


def display_text(value: ShownValue) -> str:
    """Return one side of a difference as text; `(sensitive)` for any sensitive value."""
    match value.kind:
        case ValueKind.SENSITIVE:
            return SENSITIVE.text
        case ValueKind.UNKNOWN:
            return UNKNOWN.text
        case ValueKind.ABSENT:
            return "none"
        case ValueKind.VALUE:
            return value.text


def path(diff: AttributeDiff) -> str:
    """Return an attribute's path, quoted if it has characters that a path does not need."""
    return diff.path if _PATH.fullmatch(diff.path) else json.dumps(diff.path, ensure_ascii=False)


def _lines(diffs: Iterable[AttributeDiff], width: int) -> Iterator[DiffLine]:
    unknown: list[str] = []
    for diff in diffs:
        if diff.before.kind is ValueKind.ABSENT and diff.after.kind is ValueKind.UNKNOWN:
            unknown.append(clipped(path(diff), width))
        else:
            yield from _diff_lines(diff, width)
    for at in range(0, len(unknown), _PATHS_OF_LINE):
        yield DiffLine("+", f"known after apply: {', '.join(unknown[at : at + _PATHS_OF_LINE])}")


def _diff_lines(diff: AttributeDiff, width: int) -> Iterator[DiffLine]:
    name = clipped(path(diff), width)
    note = "  # forces replacement" if diff.forces else ""
    if diff.lines:
        yield DiffLine(" ", f"{name}:{note}")
        yield from (_unified(clipped(line, width)) for line in diff.lines)
        return
    if diff.before.kind is not ValueKind.ABSENT:
        note_of_removed = note if diff.after.kind is ValueKind.ABSENT else ""
        text = clipped(display_text(diff.before), width)
        yield DiffLine("-", f"{name}: {text}{note_of_removed}")
    if diff.after.kind is not ValueKind.ABSENT:
        yield DiffLine("+", f"{name}: {clipped(display_text(diff.after), width)}{note}")


def _unified(line: str) -> DiffLine:
    sign = line[:1] or " "
    return DiffLine(sign, line[1:] if sign == "@" else f"  {line[1:]}")

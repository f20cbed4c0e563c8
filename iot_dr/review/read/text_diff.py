"""Differences of long texts and JSON documents, line by line."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from iot_dr.review.read.matcher import matcher
from iot_dr.review.read.raw_json import is_written_so
from iot_dr.terraform_json.json_value import Json

_CONTEXT: Final = 3
# Beyond this product of lines, what lies between the first and the last difference is told whole.
_MOST_PAIRS: Final = 1_000_000
DOCUMENT: Final = ("{", "[")
"""How a text begins that may be a JSON document."""

_LONG: Final = 120


def document(text: str) -> Json | None:
    """Give the object or list that a text is JSON of; None where it is no such text."""
    if not text.lstrip().startswith(DOCUMENT):
        return None
    try:
        found: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return found or None


def is_long(text: str) -> bool:
    """Tell whether a text is better told by lines."""
    return len(text) > _LONG or "\n" in text


def document_lines(text: str) -> list[str]:
    """Write a JSON document with a line for each value, its keys in order."""
    found = msgspec.json.decode(text)
    # One that has a key twice, or spells its texts or numbers in its own way, is told as it is.
    if is_written_so(found, text.encode()):
        text = msgspec.json.encode(found, order="sorted").decode()
    return msgspec.json.format(text, indent=2).split("\n")


def changed_lines(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Give a unified diff without its header: each line has its sign in front."""
    if not before:
        return tuple(f"+{line}" for line in after)
    if not after:
        return tuple(f"-{line}" for line in before)
    start, end = _same_ends(before, after)
    middle = before[start : len(before) - end], after[start : len(after) - end]
    if len(middle[0]) * len(middle[1]) > _MOST_PAIRS:
        return tuple(_replaced(before, after, start, end))
    return tuple(_hunks(before, after))


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for group in matcher(before, after).get_grouped_opcodes(_CONTEXT):
        (_, start, _, new_start, _), (_, _, end, _, new_end) = group[0], group[-1]
        yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@"
        for tag, first, last, new_first, new_last in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[first:last])
                continue
            yield from (f"-{line}" for line in before[first:last])
            yield from (f"+{line}" for line in after[new_first:new_last])


def _range(start: int, end: int) -> str:
    """Write lines as a unified diff does, from 1; an empty range begins at the line before it."""
    size = end - start
    return f"{start + bool(size)},{size}" if size != 1 else f"{start + 1}"


def _same_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    rest = most - start
    return start, next((at for at in range(rest) if before[-at - 1] != after[-at - 1]), rest)


def _replaced(before: Sequence[str], after: Sequence[str], start: int, end: int) -> Iterator[str]:
    first, lead = max(0, start - _CONTEXT), before[max(0, start - _CONTEXT) : start]
    stops = [len(each) - end for each in (before, after)]
    trail = before[stops[0] : stops[0] + _CONTEXT]
    sizes = [stop - first + len(trail) for stop in stops]
    yield f"@@ -{first + 1},{sizes[0]} +{first + 1},{sizes[1]} @@"
    yield from (f" {line}" for line in lead)
    yield from (f"-{line}" for line in before[start : stops[0]])
    yield from (f"+{line}" for line in after[start : stops[1]])
    yield from (f" {line}" for line in trail)

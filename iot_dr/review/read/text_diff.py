"""Values as text, and differences of long texts and JSON documents line by line."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, TypeVar

import msgspec

from iot_dr.review.read.attribute_diff import ABSENT, UNKNOWN, Kind, Shown
from iot_dr.review.read.side import Side
from iot_dr.terraform_json.json_value import Json, mapping, sequence
from iot_dr.terraform_json.strict_json import encodes_exactly

_T = TypeVar("_T", bound=Hashable)
_SHORT: Final = 60
_LONG: Final = 120
_CONTEXT: Final = 3
# Beyond this product of lines, what lies between the first and the last difference is shown whole.
_MOST_LINE_PAIRS: Final = 1_000_000
# Pairs of equal elements that are compared for each element.
_PAIRS: Final = 4
# How a text begins that may be a JSON document.
_DOCUMENT: Final = ("{", "[")


def json_text(value: Json) -> str:
    """Write a value as JSON."""
    return msgspec.json.encode(value).decode()


def shown(side: Side, *, is_short: bool) -> Shown:
    """Return a value as its reader sees it; `is_short` cuts it."""
    if side.value is None:
        return UNKNOWN if side.unknown is True else ABSENT
    text = json_text(side.filled().value if side.unknown else side.value)
    if is_short and len(text) > _SHORT:
        text = f"{text[:_SHORT]}…" + ('"' if isinstance(side.value, str) else "")
    return Shown(Kind.VALUE, text)


def lines(before: Side, after: Side) -> tuple[str, ...]:
    """Return the difference by lines where that is easier to read, else none."""
    if not _may_have_lines(before.value) and not _may_have_lines(after.value):
        return ()
    if after.value is None and after.is_there:
        return ()
    values = [each.value for each in (before, after)]
    texts = [each for each in values if each is not None]
    if all(isinstance(each, str) for each in texts):
        return _of_texts(*values)
    return _changed_lines(*(_of_value(each.filled().value) for each in (before, after)))


def document(text: str) -> Json | None:
    """Return the object or list that a text is JSON of; None if it is no such text."""
    if not text.lstrip().startswith(_DOCUMENT):
        return None
    try:
        found: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return found or None


def matcher(before: Sequence[_T], after: Sequence[_T]) -> SequenceMatcher[_T]:
    """Compare two lists; elements that are often in both only join what is beside them.

    Each of them could belong to each other one, which takes the square of their number.
    """
    often = _often(before, after)
    return SequenceMatcher(often.__contains__ if often else None, before, after, autojunk=False)


def _may_have_lines(value: Json) -> bool:
    if isinstance(value, str):
        return _is_long(value) or value.lstrip()[:1] in _DOCUMENT
    return bool(mapping(value) or sequence(value))


def _of_texts(before: str | None, after: str | None) -> tuple[str, ...]:
    texts = [each for each in (before, after) if each is not None]
    if all(document(each) is not None for each in texts):
        sides = ([] if each is None else _document_lines(each) for each in (before, after))
        if found := _changed_lines(*sides):
            return found
    if not any(map(_is_long, texts)):
        return ()
    # What ends with a line's end has an empty last line, which sets it apart from what does not.
    return _changed_lines(*([] if each is None else each.split("\n") for each in (before, after)))


def _of_value(value: Json) -> list[str]:
    return [] if value is None else _document_lines(json_text(value))


def _is_long(text: str) -> bool:
    """Whether a text is easier to read by lines."""
    return len(text) > _LONG or "\n" in text


def _document_lines(text: str) -> list[str]:
    """Write a JSON document with a line for each value, its keys in order."""
    found = msgspec.json.decode(text)
    # One that has a key twice, or spells its texts or numbers in its own way, is shown as it is.
    if encodes_exactly(found, text.encode()):
        text = msgspec.json.encode(found, order="sorted").decode()
    return msgspec.json.format(text, indent=2).split("\n")


def _changed_lines(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return a unified diff without its header: each line has its sign in front."""
    if not before:
        return tuple(f"+{line}" for line in after)
    if not after:
        return tuple(f"-{line}" for line in before)
    start, end = _same_ends(before, after)
    middle = before[start : len(before) - end], after[start : len(after) - end]
    if len(middle[0]) * len(middle[1]) > _MOST_LINE_PAIRS:
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


def _often(before: Sequence[_T], after: Sequence[_T]) -> frozenset[_T]:
    counts = Counter(before), Counter(after)
    pairs = {each: number * counts[1][each] for each, number in counts[0].items()}
    left = _PAIRS * (len(before) + len(after))
    found: set[_T] = set()
    for each in sorted(pairs, key=pairs.__getitem__):
        left -= pairs[each]
        if left < 0:
            found.add(each)
    return frozenset(found)

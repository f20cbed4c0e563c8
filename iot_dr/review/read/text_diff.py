"""Values as text, and line differences of long texts and JSON documents."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, TypeVar

import msgspec

from iot_dr.review.read.attribute_diff import ABSENT, UNKNOWN, ShownValue, ValueKind
from iot_dr.review.read.side import Side
from iot_dr.terraform_json.json_value import Json, mapping, sequence
from iot_dr.terraform_json.strict_json import encodes_exactly

_T = TypeVar("_T", bound=Hashable)
_SHORT: Final = 60
_LONG: Final = 120
_CONTEXT: Final = 3
# Beyond this product of lines, everything between the first and the last difference is replaced.
_MAX_LINE_PAIRS: Final = 1_000_000
# The number of pairs of equal elements that may be compared for each element.
_PAIRS: Final = 4
# The first character of a JSON document.
_DOCUMENT: Final = ("{", "[")


def json_text(value: Json) -> str:
    """Return a value as JSON."""
    return msgspec.json.encode(value).decode()


def shown_value(side: Side, *, is_short: bool) -> ShownValue:
    """Return a value as it is shown; `is_short` cuts it to 60 characters."""
    if side.value is None:
        return UNKNOWN if side.unknown is True else ABSENT
    text = json_text(side.with_placeholders().value if side.unknown else side.value)
    if is_short and len(text) > _SHORT:
        text = f"{text[:_SHORT]}…" + ('"' if isinstance(side.value, str) else "")
    return ShownValue(ValueKind.VALUE, text)


def changed_lines(before: Side, after: Side) -> tuple[str, ...]:
    """Return a unified diff of long texts or documents.

    Empty for other values, and if the new value is unknown.
    """
    if not _may_have_lines(before.value) and not _may_have_lines(after.value):
        return ()
    if after.value is None and after.is_set:
        return ()
    values = [side.value for side in (before, after)]
    texts = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in texts):
        return _text_diff(*values)
    sides = (_value_lines(side.with_placeholders().value) for side in (before, after))
    return _unified_diff(*sides)


def document(text: str) -> Json | None:
    """Return the object or list that a text encodes in JSON; None if it is empty or neither."""
    if not text.lstrip().startswith(_DOCUMENT):
        return None
    try:
        content: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return content or None


def matcher(before: Sequence[_T], after: Sequence[_T]) -> SequenceMatcher[_T]:
    """Return a matcher of two lists that treats elements that are too frequent as junk.

    Matching every pair of equal elements takes quadratic time. Junk only extends a match of its
    neighbours.
    """
    junk = _frequent(before, after)
    return SequenceMatcher(junk.__contains__ if junk else None, before, after, autojunk=False)


def _may_have_lines(value: Json) -> bool:
    if isinstance(value, str):
        return _is_long(value) or value.lstrip()[:1] in _DOCUMENT
    return bool(mapping(value) or sequence(value))


def _text_diff(before: str | None, after: str | None) -> tuple[str, ...]:
    texts = [text for text in (before, after) if text is not None]
    if all(document(text) is not None for text in texts):
        sides = ([] if text is None else _document_lines(text) for text in (before, after))
        if diff := _unified_diff(*sides):
            return diff
    if not any(map(_is_long, texts)):
        return ()
    # `split` keeps an empty last line, unlike `splitlines`: a final newline is a difference.
    return _unified_diff(*([] if text is None else text.split("\n") for text in (before, after)))


def _value_lines(value: Json) -> list[str]:
    return [] if value is None else _document_lines(json_text(value))


def _is_long(text: str) -> bool:
    """Whether a text is easier to read as a line difference."""
    return len(text) > _LONG or "\n" in text


def _document_lines(text: str) -> list[str]:
    """Return the lines of a formatted JSON document with sorted keys."""
    content = msgspec.json.decode(text)
    # Encoding again would change a document with duplicate keys or unusual escapes and numbers.
    if encodes_exactly(content, text.encode()):
        text = msgspec.json.encode(content, order="sorted").decode()
    return msgspec.json.format(text, indent=2).split("\n")


def _unified_diff(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return a unified diff without its header."""
    if not before:
        return tuple(f"+{line}" for line in after)
    if not after:
        return tuple(f"-{line}" for line in before)
    start, end = _same_ends(before, after)
    middle = before[start : len(before) - end], after[start : len(after) - end]
    if len(middle[0]) * len(middle[1]) > _MAX_LINE_PAIRS:
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
    """Return a range as in a hunk header: from 1; an empty one starts at the line before it."""
    size = end - start
    return f"{start + bool(size)},{size}" if size != 1 else f"{start + 1}"


def _same_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    rest = most - start
    return start, next((at for at in range(rest) if before[-at - 1] != after[-at - 1]), rest)


def _replaced(before: Sequence[str], after: Sequence[str], start: int, end: int) -> Iterator[str]:
    first, lead = max(0, start - _CONTEXT), before[max(0, start - _CONTEXT) : start]
    stops = [len(lines) - end for lines in (before, after)]
    trail = before[stops[0] : stops[0] + _CONTEXT]
    sizes = [stop - first + len(trail) for stop in stops]
    yield f"@@ -{first + 1},{sizes[0]} +{first + 1},{sizes[1]} @@"
    yield from (f" {line}" for line in lead)
    yield from (f"-{line}" for line in before[start : stops[0]])
    yield from (f"+{line}" for line in after[start : stops[1]])
    yield from (f" {line}" for line in trail)


def _frequent(before: Sequence[_T], after: Sequence[_T]) -> frozenset[_T]:
    """Return the elements with the most equal pairs, beyond a number that is linear in size."""
    counts = Counter(before), Counter(after)
    pairs = {element: number * counts[1][element] for element, number in counts[0].items()}
    remaining = _PAIRS * (len(before) + len(after))
    frequent: set[_T] = set()
    for element in sorted(pairs, key=pairs.__getitem__):
        remaining -= pairs[element]
        if remaining < 0:
            frequent.add(element)
    return frozenset(frequent)

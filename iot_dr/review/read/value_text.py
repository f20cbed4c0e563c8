"""Values as text, short or line by line."""

from typing import Final

import msgspec

from iot_dr.review.read.shown import ABSENT, UNKNOWN, Kind, Shown
from iot_dr.review.read.side import Side
from iot_dr.review.read.text_diff import DOCUMENT, changed_lines, document, document_lines, is_long
from iot_dr.terraform_json.json_value import Json, mapping, sequence

_SHORT: Final = 60


def json_text(value: Json) -> str:
    """Write a value as JSON."""
    return msgspec.json.encode(value).decode()


def shown(side: Side, *, is_short: bool) -> Shown:
    """Give a value as its reader sees it; `is_short` cuts it."""
    if side.value is None:
        return UNKNOWN if side.unknown is True else ABSENT
    text = json_text(side.filled().value if side.unknown else side.value)
    if is_short and len(text) > _SHORT:
        text = f"{text[:_SHORT]}…" + ('"' if isinstance(side.value, str) else "")
    return Shown(Kind.VALUE, text)


def lines(before: Side, after: Side) -> tuple[str, ...]:
    """Give the difference by lines where that is easier to read; none where it is not."""
    if not _may_have_lines(before.value) and not _may_have_lines(after.value):
        return ()
    if after.value is None and after.is_there:
        return ()
    values = [each.value for each in (before, after)]
    texts = [each for each in values if each is not None]
    if all(isinstance(each, str) for each in texts):
        return _of_texts(*values)
    return changed_lines(*(_of_value(each.filled().value) for each in (before, after)))


def _may_have_lines(value: Json) -> bool:
    if isinstance(value, str):
        return is_long(value) or value.lstrip()[:1] in DOCUMENT
    return bool(mapping(value) or sequence(value))


def _of_texts(before: str | None, after: str | None) -> tuple[str, ...]:
    texts = [each for each in (before, after) if each is not None]
    if all(document(each) is not None for each in texts):
        sides = ([] if each is None else document_lines(each) for each in (before, after))
        if found := changed_lines(*sides):
            return found
    if not any(map(is_long, texts)):
        return ()
    # What ends with a line's end has an empty last line, which sets it apart from what does not.
    return changed_lines(*([] if each is None else each.split("\n") for each in (before, after)))


def _of_value(value: Json) -> list[str]:
    return [] if value is None else document_lines(json_text(value))

"""The one JSON parser: takes a document apart, and refuses what Terraform never writes.

A key that stands twice in an object, a number out of range, too many levels: Python's own parser
takes them, and one of two values would be lost in silence. A part that nobody asks for stays bytes.
"""

import json
import re
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw

from iot_dr.common.plain_text import plain
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

NULL: Final = Raw(b"null")
MAX_DEPTH: Final = 200
"""Levels of lists and objects; modules in modules and policies in plans stay below 50."""

_T = TypeVar("_T")
_TOO_DEEP: Final = f"is nested deeper than {MAX_DEPTH} levels, which no Terraform is"
_NO_NUMBER: Final = re.compile(r"-?(NaN|Infinity)\b")
# Its digits do not overlap with those of a longer number, so that a search takes linear time.
_FLOAT: Final = re.compile(rb"(?<![\d.])-?\d++(?:\.\d++)?(?:[eE]\+?\d++)?")
# Go writes these for the sake of HTML, and msgspec does not.
_GO_ESCAPES: Final = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


class RefusedJsonError(ValueError):
    """A text is not to be taken; the message says why, in words that follow a file's name."""


class _Key:
    """A key that is equal to itself alone, so that a second one of its name is kept beside it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def _as_key(_type: type, name: str) -> _Key:
    return _Key(name)


_MEMBERS: Final = msgspec.json.Decoder(dict[_Key, Raw], dec_hook=_as_key)
_ITEMS: Final = msgspec.json.Decoder(list[Raw])
_ANY: Final = msgspec.json.Decoder(Any)
_ENCODER: Final = msgspec.json.Encoder()


def parsed(raw: Raw | bytes, where: str = "the document") -> Json:
    """Decode all of a part; `where` names it in the message.

    Raises RefusedJsonError for what is no JSON, holds a key twice, or is nested too deep.
    """
    value = decoded(_ANY, raw, where)
    written = bytes(raw)
    if written.count(b"[") + written.count(b"{") > MAX_DEPTH:
        _refuse_deeper(value)
    if not encodes_exactly(value, written):
        json.loads(written, object_pairs_hook=_refuse_twice)
    return value


def members(raw: Raw | bytes, where: str) -> dict[str, Raw]:
    """Return the members of an object, undecoded; none for `null`.

    Raises RefusedJsonError for what is no object, or has a key twice.
    """
    if is_null(raw):
        return {}
    pairs = decoded(_MEMBERS, raw, where)
    return _refuse_twice([(key.name, value) for key, value in pairs.items()])


def items(raw: Raw, where: str) -> list[Raw]:
    """Return the items of a list, undecoded; none for `null`.

    Raises RefusedJsonError for what is no list.
    """
    return [] if is_null(raw) else decoded(_ITEMS, raw, where)


def decoded(decoder: "msgspec.json.Decoder[_T]", raw: Raw | bytes, where: str) -> _T:
    """Decode a part by its type; raises RefusedJsonError for another type, and for no JSON."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _number_out_of_range(bytes(raw), error) or _other_type(error, where) from None
    except msgspec.DecodeError as error:
        raise RefusedJsonError(_problem(bytes(raw), str(error))) from None
    except UnicodeDecodeError:
        raise RefusedJsonError("is no text in UTF-8, and so no JSON") from None
    except RecursionError:
        raise RefusedJsonError(_TOO_DEEP) from None


def converted(value: Json, type_: type[_T], where: str) -> _T:
    """Return a decoded value as a struct; raises RefusedJsonError where it is none."""
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise _other_type(error, where) from None


def is_null(raw: Raw | bytes) -> bool:
    """Whether a part is `null`."""
    return bytes(memoryview(raw)[:5]) == b"null"


def size(raw: Raw) -> int:
    """Return the bytes of a part."""
    return memoryview(raw).nbytes


def encodes_exactly(value: Json, written: bytes) -> bool:
    """Whether JSON, but for its white space, is just what writes a value.

    Then it has no key twice: one of them would be lost. Other spellings of the same text or number
    may be said to differ.
    """
    encoded = _ENCODER.encode(value)
    if encoded == written:
        return True
    compact = msgspec.json.format(written, indent=-1)
    if b"\\u00" in compact:
        for character, escaped in _GO_ESCAPES:
            encoded = encoded.replace(character, escaped)
    return encoded == compact


def _refuse_deeper(document: Json) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if is_mapping(each) else each if is_sequence(each) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise RefusedJsonError(_TOO_DEEP)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        key = next(name for name, _ in pairs if name in seen or seen.add(name))
        message = f"has the key {plain(key)[:60]!r} twice in one object; one of them would be lost"
        raise RefusedJsonError(message)
    return made


def _number_out_of_range(content: bytes, error: msgspec.ValidationError) -> RefusedJsonError | None:
    if str(error).startswith("Integer value out of range"):
        return RefusedJsonError("has a number that is too long to be one of Terraform's")
    if not str(error).startswith("Number out of range"):
        return None
    # The digits may stand in a text before the number; then the message names them, and is as true.
    numbers = (each.group().decode() for each in _FLOAT.finditer(content))
    digits = next(
        (each for each in numbers if float(each) in {float("inf"), -float("inf")}), "a number"
    )
    message = f"holds {digits[:60]}, which is too large to be a number of Terraform's"
    return RefusedJsonError(message)


def _other_type(error: msgspec.ValidationError, where: str) -> RefusedJsonError:
    problem, _, place = str(error).partition(" - at `$")
    problem = problem[:1].lower() + problem[1:]
    message = f"is not what Terraform writes: {where}{place.rstrip('`')}: {problem}"
    return RefusedJsonError(message)


def _problem(content: bytes, error: str) -> str:
    """Say where and why a text is no JSON."""
    problem, _, place = error.removeprefix("JSON is malformed: ").partition(" (byte ")
    position = int(place.rstrip(")")) if place else len(content.rstrip())
    line = content.count(b"\n", 0, position) + 1
    if not place:
        return f"is cut off: the JSON ends in the middle, in line {line}"
    if problem == "trailing characters":
        return f"goes on behind its JSON, in line {line}; leave one JSON value in it"
    word = content[max(0, position - 1) : position + 9].decode(errors="replace")
    if found := _NO_NUMBER.search(word):
        return f"holds {found.group()}, which is no JSON"
    column = position - content.rfind(b"\n", 0, position)
    return f"is no JSON, in line {line}, column {column}: {problem}"

"""A strict JSON parser that rejects what Terraform never writes.

Python's parser accepts duplicate keys, dropping a value silently, as well as numbers out of range
and any depth. Parts of a document stay bytes until they are decoded.
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
"""The deepest nesting of lists and objects; nested modules and policies in plans stay below 50."""

_T = TypeVar("_T")
_TOO_DEEP: Final = f"is nested deeper than {MAX_DEPTH} levels, deeper than any Terraform document"
_NO_NUMBER: Final = re.compile(r"-?(NaN|Infinity)\b")
# Possessive, and not inside a longer number, so that a search takes linear time.
_FLOAT: Final = re.compile(rb"(?<![\d.])-?\d++(?:\.\d++)?(?:[eE]\+?\d++)?")
# Go's encoding/json escapes these for HTML; msgspec does not.
_GO_ESCAPES: Final = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


class RefusedJsonError(ValueError):
    """JSON that is rejected; the message follows a file's name."""


class _Key:
    """A key that equals only itself, so that a duplicate does not replace the first."""

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
    """Decode a whole part; `where` names it in error messages.

    Raises RefusedJsonError for invalid JSON, a duplicate key, and nesting that is too deep.
    """
    value = decoded(_ANY, raw, where)
    written = bytes(raw)
    if written.count(b"[") + written.count(b"{") > MAX_DEPTH:
        _refuse_deeper(value)
    if not encodes_exactly(value, written):
        json.loads(written, object_pairs_hook=_refuse_twice)
    return value


def members(raw: Raw | bytes, where: str) -> dict[str, Raw]:
    """Return the members of an object, undecoded; empty for `null`.

    Raises RefusedJsonError if the part is not an object or has a duplicate key.
    """
    if is_null(raw):
        return {}
    pairs = decoded(_MEMBERS, raw, where)
    return _refuse_twice([(key.name, value) for key, value in pairs.items()])


def items(raw: Raw, where: str) -> list[Raw]:
    """Return the items of a list, undecoded; empty for `null`.

    Raises RefusedJsonError if the part is not a list.
    """
    return [] if is_null(raw) else decoded(_ITEMS, raw, where)


def decoded(decoder: "msgspec.json.Decoder[_T]", raw: Raw | bytes, where: str) -> _T:
    """Decode a part to the decoder's type.

    Raises RefusedJsonError if it does not match, is not valid JSON in UTF-8, or has a number out of
    range.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _number_out_of_range(bytes(raw), error) or _other_type(error, where) from None
    except msgspec.DecodeError as error:
        raise RefusedJsonError(_problem(bytes(raw), str(error))) from None
    except UnicodeDecodeError:
        raise RefusedJsonError("is not UTF-8, so not JSON") from None
    except RecursionError:
        raise RefusedJsonError(_TOO_DEEP) from None


def converted(value: Json, type_: type[_T], where: str) -> _T:
    """Return a decoded value as a struct; raises RefusedJsonError if it does not match."""
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise _other_type(error, where) from None


def is_null(raw: Raw | bytes) -> bool:
    """Whether a part is `null`."""
    return bytes(memoryview(raw)[:5]) == b"null"


def size(raw: Raw) -> int:
    """Return the size of a part in bytes."""
    return memoryview(raw).nbytes


def encodes_exactly(value: Json, written: bytes) -> bool:
    """Whether JSON, apart from white space, is the encoding of a value.

    If so, it has no duplicate key, as one would be missing in the value. May be false for other
    spellings of the same string or number.
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
            for container in level
            for inner in (
                container.values()
                if is_mapping(container)
                else container
                if is_sequence(container)
                else ()
            )
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise RefusedJsonError(_TOO_DEEP)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members_ = dict(pairs)
    if len(members_) != len(pairs):
        seen: set[str] = set()
        key = next(name for name, _ in pairs if name in seen or seen.add(name))
        message = f"has the key {plain(key)[:60]!r} twice in one object; remove one of them"
        raise RefusedJsonError(message)
    return members_


def _number_out_of_range(content: bytes, error: msgspec.ValidationError) -> RefusedJsonError | None:
    if str(error).startswith("Integer value out of range"):
        return RefusedJsonError("contains an integer that is out of range")
    if not str(error).startswith("Number out of range"):
        return None
    # The digits may be in a string before the number; the message is true of them as well.
    numbers = (each.group().decode() for each in _FLOAT.finditer(content))
    digits = next(
        (each for each in numbers if float(each) in {float("inf"), -float("inf")}), "a number"
    )
    message = f"contains {digits[:60]}, which is out of range for a number"
    return RefusedJsonError(message)


def _other_type(error: msgspec.ValidationError, where: str) -> RefusedJsonError:
    problem, _, place = str(error).partition(" - at `$")
    problem = problem[:1].lower() + problem[1:]
    message = f"is not in Terraform's format: {where}{place.rstrip('`')}: {problem}"
    return RefusedJsonError(message)


def _problem(content: bytes, error: str) -> str:
    """Return where and why a text is not valid JSON."""
    problem, _, place = error.removeprefix("JSON is malformed: ").partition(" (byte ")
    position = int(place.rstrip(")")) if place else len(content.rstrip())
    line = content.count(b"\n", 0, position) + 1
    if not place:
        return f"line {line}: the JSON is truncated"
    if problem == "trailing characters":
        return f"line {line}: text after the JSON value; expected a single value"
    word = content[max(0, position - 1) : position + 9].decode(errors="replace")
    if match := _NO_NUMBER.search(word):
        return f"line {line}: {match.group()} is not valid JSON"
    column = position - content.rfind(b"\n", 0, position)
    return f"line {line}, column {column}: invalid JSON: {problem}"

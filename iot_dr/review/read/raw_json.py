"""Takes JSON apart without decoding all of it, and refuses what is not to be taken.

A part is decoded when it is asked for. What `iot_dr/terraform_json/json_text.py` refuses is
refused here too: duplicate keys, numbers out of range, depth.
"""

from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw

from iot_dr.terraform_json.json_text import (
    CUT_OFF,
    DEEPEST,
    GOES_ON,
    NO_JSON,
    NO_UTF_8,
    TOO_DEEP,
    RefusedJsonError,
    parsed,
    refuse_deeper,
    refuse_twice,
)
from iot_dr.terraform_json.json_value import Json

NULL: Final = Raw(b"null")

_T = TypeVar("_T")
# Go writes these for the sake of HTML, and msgspec does not.
_GO_ESCAPES: Final = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


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


def members(raw: Raw | bytes, where: str) -> dict[str, Raw]:
    """Give the members of an object, undecoded; none for `null`. `where` is for the refusal.

    Raises RefusedJsonError for what is no object, or has a key twice.
    """
    if is_null(raw):
        return {}
    pairs = decoded(_MEMBERS, raw, where)
    made = {key.name: value for key, value in pairs.items()}
    if len(made) != len(pairs):
        seen: set[str] = set()
        refuse_twice(next(key.name for key in pairs if key.name in seen or seen.add(key.name)))
    return made


def items(raw: Raw, where: str) -> list[Raw]:
    """Give the items of a list, undecoded; none for `null`.

    Raises RefusedJsonError for what is no list.
    """
    return [] if is_null(raw) else decoded(_ITEMS, raw, where)


def checked(raw: Raw, where: str) -> Json:
    """Decode a part; raises RefusedJsonError for what is not to be taken."""
    value = decoded(_ANY, raw, where)
    written = bytes(raw)
    if not is_written_so(value, written):
        return parsed(written.decode())
    if written.count(b"[") + written.count(b"{") > DEEPEST:
        refuse_deeper(value)
    return value


def decoded(decoder: "msgspec.json.Decoder[_T]", raw: Raw | bytes, where: str) -> _T:
    """Decode a part by its type; raises RefusedJsonError for another type, and for no JSON."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _other_type(error, where) from None
    except msgspec.DecodeError as error:
        raise RefusedJsonError(_problem(bytes(raw), str(error))) from None
    except UnicodeDecodeError:
        raise RefusedJsonError(NO_UTF_8) from None
    except RecursionError:
        raise RefusedJsonError(TOO_DEEP) from None


def converted(value: Json, type_: type[_T], where: str) -> _T:
    """Give a decoded value as a struct; raises RefusedJsonError where it is none."""
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        raise _other_type(error, where) from None


def is_null(raw: Raw | bytes) -> bool:
    """Tell whether a part is `null`."""
    return bytes(memoryview(raw)[:5]) == b"null"


def size(raw: Raw) -> int:
    """Give the bytes of a part."""
    return memoryview(raw).nbytes


def is_written_so(value: Json, written: bytes) -> bool:
    """Tell whether JSON, but for its white space, is just what writes a value.

    Then it has no key twice: one of them would be lost. Other spellings of the same text or number
    may be told to differ.
    """
    encoded = _ENCODER.encode(value)
    if encoded == written:
        return True
    compact = msgspec.json.format(written, indent=-1)
    if b"\\u00" in compact:
        for plain, escaped in _GO_ESCAPES:
            encoded = encoded.replace(plain, escaped)
    return encoded == compact


def _other_type(error: msgspec.ValidationError, where: str) -> RefusedJsonError:
    told, _, place = str(error).partition(" - at `$")
    told = told[:1].lower() + told[1:]
    message = f"is not what Terraform writes: {where}{place.rstrip('`')}: {told}"
    return RefusedJsonError(message)


def _problem(content: bytes, told: str) -> str:
    told, _, place = told.removeprefix("JSON is malformed: ").partition(" (byte ")
    end = len(content.rstrip())
    position = int(place.rstrip(")")) if place else end
    line = content.count(b"\n", 0, position) + 1
    if not place:
        return CUT_OFF.format(line=line)
    if told == "trailing characters":
        return GOES_ON.format(line=line)
    column = position - content.rfind(b"\n", 0, position)
    return NO_JSON.format(line=line, column=column, problem=told)

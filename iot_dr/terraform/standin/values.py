"""Values of the plugin protocol as Python values, with a mark for unknown ones.

Source: Terraform's documentation of the wire format of its plugin protocol. Sets are lists, objects
are dictionaries, and an unknown value is a MessagePack extension.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeGuard, cast

import msgpack

from iot_dr.terraform.standin.schema import Attribute, NestedBlock, SchemaBlock
from iot_dr.terraform.standin.wire import encode_field, encode_integer, encode_message, parse

Value: TypeAlias = Any
"""A null, boolean, number, string, list, dictionary or `UNKNOWN`, nested at will."""

Path: TypeAlias = tuple[str | int, ...]
"""Steps from a resource to a value in it: attribute names and list positions."""

UNKNOWN = msgpack.ExtType(0, b"\0")

_MESSAGEPACK = 1
_JSON = 2

# msgpack has no annotations.
_pack = cast("Callable[[Value], bytes]", msgpack.packb)
_unpack = cast("Callable[..., Value]", msgpack.unpackb)


def decode_value(message: bytes) -> Value:
    """Decode a `DynamicValue` message; an empty one is null."""
    fields = parse(message)
    if packed := fields.get(_MESSAGEPACK):
        return _unpack(packed, strict_map_key=False)
    text = fields.get(_JSON)
    return json.loads(text) if isinstance(text, bytes) else None


def encode_value(value: Value) -> bytes:
    """Encode a `DynamicValue` message."""
    return encode_message(_MESSAGEPACK, _pack(value))


def encode_path(path: Path) -> bytes:
    """Encode an `AttributePath` message."""
    return b"".join(
        encode_message(
            1, encode_field(1, step) if isinstance(step, str) else encode_integer(3, step)
        )
        for step in path
    )


def named(path: Path) -> str:
    """Return a path as `block.attribute`, without positions."""
    return ".".join(step for step in path if isinstance(step, str))


def is_unknown(value: Value) -> bool:
    """Whether a value is unknown, even if Terraform knows its range."""
    return isinstance(value, msgpack.ExtType)


def is_list(value: Value) -> TypeGuard[list[Value]]:
    """Whether a value is a known list, set or tuple."""
    return isinstance(value, list)


def is_object(value: Value) -> TypeGuard[dict[str, Value]]:
    """Whether a value is a known object or map."""
    return isinstance(value, dict)


def has_unknown(value: Value) -> bool:
    """Whether a value, or any value inside it, is unknown."""
    if is_object(value):
        return any(map(has_unknown, value.values()))
    if is_list(value):
        return any(map(has_unknown, value))
    return is_unknown(value)


def members(nested: NestedBlock, value: Value) -> Iterator[tuple[Path, dict[str, Value]]]:
    """Yield the blocks in a nested block's value, each with the steps that lead to it.

    Null and unknown blocks are skipped; members of a set have no step.
    """
    if nested.nesting == "single":
        pairs: list[tuple[Path, Value]] = [((), value)]
    elif nested.nesting == "map":
        pairs = [((key,), member) for key, member in value.items()] if is_object(value) else []
    else:
        # Members of a set have no position that a path could contain.
        is_ordered = nested.nesting == "list"
        blocks = enumerate(value) if is_list(value) else ()
        pairs = [((position,) if is_ordered else (), member) for position, member in blocks]
    yield from ((step, member) for step, member in pairs if is_object(member))


Visitor: TypeAlias = Callable[[Path, Attribute, dict[str, Value]], None]


def walk(block: SchemaBlock, value: dict[str, Value], visit: Visitor, at: Path = ()) -> None:
    """Call `visit(path, attribute, owner)` for each attribute of a block and of nested blocks.

    The last step of the path is the attribute's key in `owner`, so that a visitor may change it.
    """
    for name, attribute in block.attributes.items():
        visit((*at, name), attribute, value)
    for name, nested in block.blocks.items():
        for step, member in members(nested, value.get(name)):
            walk(nested.block, member, visit, (*at, name, *step))

"""What is stored of a resource, in the form of the schema that reads it."""

from collections.abc import Mapping

from iot_dr.terraform.standin.schema import Block, CtyType, NestedBlock
from iot_dr.terraform.standin.values import Value, is_list, is_object


def reshaped(block: Block, stored: Mapping[str, Value]) -> dict[str, Value]:
    """Bring what another version stored into a block's form: what is gone is dropped, new is null.

    Of an empty mapping it makes a block with nothing set.
    """
    attributes = {
        name: _of_type(attribute.type, stored.get(name))
        for name, attribute in block.attributes.items()
    }
    blocks = {name: _nested(nested, stored.get(name)) for name, nested in block.blocks.items()}
    return {**attributes, **blocks}


def _nested(nested: NestedBlock, value: Value) -> Value:
    if nested.nesting == "single":
        return reshaped(nested.block, value) if is_object(value) else None
    if nested.nesting == "map":
        named = value.items() if is_object(value) else ()
        return {key: reshaped(nested.block, member) for key, member in named} or None
    return [reshaped(nested.block, member) for member in value] if is_list(value) else []


def _of_type(type_: CtyType, value: Value) -> Value:
    if isinstance(type_, str):
        return value
    kind, inner = type_
    if kind == "object" and is_object(value):
        return {name: _of_type(member, value.get(name)) for name, member in inner.items()}
    if kind == "map" and is_object(value):
        return {key: _of_type(inner, member) for key, member in value.items()}
    if kind in {"list", "set"} and is_list(value):
        return [_of_type(inner, member) for member in value]
    return value

"""A provider schema: attributes, nested blocks, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

CtyType: TypeAlias = "str | list[Any]"
"""A type constraint in cty's JSON form, for example `"string"` or `["map", "string"]`."""

Kind = Literal["resource", "data"]
Nesting = Literal["single", "list", "set", "map"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its type, and who may or must set it."""

    type: CtyType
    required: bool = False
    optional: bool = False
    computed: bool = False


@dataclass(frozen=True, slots=True)
class NestedBlock:
    """A block type inside a block; a `max_items` of 0 means no limit."""

    nesting: Nesting
    min_items: int
    max_items: int
    block: "SchemaBlock"


@dataclass(frozen=True, slots=True)
class SchemaBlock:
    """The body of a resource, a data source, a provider or a nested block."""

    attributes: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    blocks: dict[str, NestedBlock] = field(default_factory=dict[str, NestedBlock])


@dataclass(frozen=True, slots=True)
class ProviderSchema:
    """Every type of one provider version; `address` is host/namespace/name."""

    address: str
    version: str
    provider: SchemaBlock
    types: Mapping[tuple[Kind, str], SchemaBlock]


def object_type(block: SchemaBlock) -> CtyType:
    """Return the cty object type of a block's values."""
    members = {name: attribute.type for name, attribute in block.attributes.items()}
    for name, nested in block.blocks.items():
        inner = object_type(nested.block)
        members[name] = inner if nested.nesting == "single" else [nested.nesting, inner]
    return ["object", members]


def limit_blocks(block: SchemaBlock, path: str, least: int, most: int) -> None:
    """Set the minimum and maximum of blocks at `path`, such as `stage.action`."""
    *outer, last = path.split(".")
    for step in outer:
        block = block.blocks[step].block
    block.blocks[last] = replace(block.blocks[last], min_items=least, max_items=most)


def to_json(block: SchemaBlock) -> dict[str, Any]:
    """Return a block as compact JSON values; `from_json` reads them back."""
    return {
        "a": {name: [a.type, _flags(a)] for name, a in block.attributes.items()},
        "b": {
            name: [b.nesting, b.min_items, b.max_items, to_json(b.block)]
            for name, b in block.blocks.items()
        },
    }


def from_json(document: Mapping[str, Any]) -> SchemaBlock:
    """Return the block that `to_json` has written."""
    return SchemaBlock(
        {
            name: Attribute(type_, "r" in flags, "o" in flags, "c" in flags)
            for name, (type_, flags) in document["a"].items()
        },
        {
            name: NestedBlock(nesting, least, most, from_json(inner))
            for name, (nesting, least, most, inner) in document["b"].items()
        },
    )


def _flags(attribute: Attribute) -> str:
    marks = {"r": attribute.required, "o": attribute.optional, "c": attribute.computed}
    return "".join(letter for letter, marked in marks.items() if marked)

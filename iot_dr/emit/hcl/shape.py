"""What the blocks of Terraform's language consist of, and where a document has them."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from iot_dr.emit.hcl.value import LITERAL, REFERENCE, REQUIREMENT, TYPE, Style
from iot_dr.terraform.standin.schema import Block, Kind
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

BlockOf: TypeAlias = Callable[[Kind, str], Block]
"""Returns the block of a resource type or data source type; KeyError for one that it lacks."""

Body: TypeAlias = Mapping[str, Json]

COMMENT: Final = "//"
"""The name of what Terraform does not read in a block: cdktf's metadata."""

# Terraform's own types, which no provider describes: all that they have are attributes.
_BUILT_IN: Final = frozenset(("terraform_data", "terraform_remote_state"))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a block consists of, and in which order people write it.

    `labels` is how many it has. `strings` are the styles of its arguments, `otherwise` that of
    those not in it: None where their strings are templates. `blocks` are nested in it, beside those
    of the `schema` of its provider. `first` are the arguments that stand first, section by section;
    `refused` is what cannot be written.
    """

    labels: int = 0
    strings: Mapping[str, Style] = field(default_factory=dict[str, Style])
    otherwise: Style | None = None
    blocks: "Mapping[str, Shape]" = field(default_factory=dict[str, "Shape"])
    schema: Block | None = None
    first: tuple[tuple[str, ...], ...] = ()
    refused: frozenset[str] = frozenset()

    def nested(self, name: str) -> "Shape | None":
        """Return the shape of the blocks of a name; None where an argument has the name."""
        schema = self.schema.blocks.get(name) if self.schema else None
        if name in self.blocks or not schema:
            return self.blocks.get(name)
        return Shape(labels=int(schema.nesting == "map"), schema=schema.block)

    def dynamic(self, name: str) -> "Shape":
        """Return the shape of a `dynamic` block that makes blocks of a name."""
        content = self.nested(name)
        if not content:
            raise ValueError(f"{name}: the schema has no such block here")
        return Shape(
            strings={"iterator": REFERENCE},
            blocks={"content": replace(content, labels=0)},
            first=(("for_each", "iterator", "labels"),),
        )


_CONDITION = Shape(first=(("condition", "error_message"),))
_CONDITIONS = {"precondition": _CONDITION, "postcondition": _CONDITION}
_REFERENCES: Mapping[str, Style] = dict.fromkeys(("provider", "providers", "depends_on"), REFERENCE)
_TEXTS: Mapping[str, Style] = dict.fromkeys(("description", "deprecated"), LITERAL)
_BY_PROVIDER = Shape(
    labels=2,
    strings=_REFERENCES,
    blocks={
        "lifecycle": Shape(
            strings={
                "ignore_changes": REFERENCE,
                "replace_triggered_by": REFERENCE,
            },
            blocks=_CONDITIONS,
        )
    },
    first=(("count", "for_each", "provider"),),
    refused=frozenset(("connection", "provisioner")),
)
_MOVES: Mapping[str, Style] = dict.fromkeys(("from", "to", "provider"), REFERENCE)

SHAPES: Final[Mapping[str, Shape]] = {
    "terraform": Shape(
        strings={"required_version": LITERAL},
        blocks={
            "required_providers": Shape(otherwise=REQUIREMENT),
            "backend": Shape(labels=1, otherwise=LITERAL),
        },
        refused=frozenset(("cloud", "provider_meta")),
    ),
    "variable": Shape(
        labels=1,
        strings={**_TEXTS, "type": TYPE, "default": LITERAL},
        blocks={"validation": _CONDITION},
        first=(("description", "type", "default", "nullable", "sensitive"),),
    ),
    "locals": Shape(),
    "provider": Shape(labels=1, strings={"alias": LITERAL}),
    "data": _BY_PROVIDER,
    "resource": _BY_PROVIDER,
    "module": Shape(
        labels=1,
        strings=_REFERENCES,
        first=(("source", "version"), ("count", "for_each", "providers")),
    ),
    "output": Shape(
        labels=1,
        strings={**_TEXTS, **_REFERENCES},
        blocks=_CONDITIONS,
        first=(("description", "value", "sensitive"),),
    ),
    "check": Shape(labels=1, blocks={"assert": _CONDITION}),
    "moved": Shape(strings=_MOVES, first=(("from", "to"),)),
    "removed": Shape(
        strings=_MOVES, blocks={"lifecycle": Shape()}, refused=frozenset(("provisioner",))
    ),
    "import": Shape(strings=_MOVES, first=(("for_each", "provider"),)),
}
"""The shape of each block that stands at the top of a document."""


def shape_of(keyword: str, labels: tuple[str, ...], body: Body, block: BlockOf) -> Shape:
    """Return the shape of a block at the top, which depends on its type or on what is in it.

    No schema of a provider's configuration is at hand: objects in it are taken for blocks, as the
    AWS provider has no argument that is one.
    """
    shape = SHAPES[keyword]
    match keyword:
        case "resource" | "data":
            return replace(shape, schema=block(keyword, labels[0]))
        case "check":
            blocks = dict(shape.blocks)
            for (type_, _), _ in instances(body.get("data"), 2):
                blocks["data"] = replace(_BY_PROVIDER, schema=block("data", type_))
            return replace(shape, blocks=blocks)
        case "provider":
            names = [name for name, value in body.items() if _describes_blocks(value)]
            return replace(shape, blocks=dict.fromkeys(names, Shape()))
        case _:
            return shape


def _describes_blocks(value: Json) -> bool:
    values = value if is_sequence(value) else [value]
    return bool(values) and all(map(is_mapping, values))


def instances(value: Json, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Return the labels and the body of each block that a value describes.

    An object stands for one block, a list for several, null for none; each label is the name in
    an object around them.

    Raises:
        ValueError: when something else stands where an object has to be.
    """
    for each in value if is_sequence(value) else [value] * (value is not None):
        if not is_mapping(each):
            raise ValueError(f"{each!r} stands where the object of a block has to be")
        if not labels:
            yield (), each
            continue
        for label, inner in each.items():
            if label != COMMENT:
                for others, body in instances(inner, labels - 1):
                    yield (label, *others), body


def blocks_of(document: Body, keyword: str, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Return `instances` of a keyword at the top of a document, none where it is not there."""
    with at(keyword):
        yield from instances(document.get(keyword), labels)


def known_blocks(blocks: BlockOf) -> BlockOf:
    """Add Terraform's own types to those of `blocks`; an unknown type raises ValueError."""

    def block(kind: Kind, type_: str) -> Block:
        if type_ in _BUILT_IN:
            return Block()
        try:
            return blocks(kind, type_)
        except KeyError:
            message = f"no provider's schema has the type {type_!r}, so its blocks are unknown"
            raise ValueError(message) from None

    return block


@contextmanager
def at(place: str) -> Generator[None]:
    """Let a ValueError that is raised inside begin with the place."""
    try:
        yield
    except ValueError as error:
        message = f"{place}: {error}"
        raise ValueError(message) from None

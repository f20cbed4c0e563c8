"""What the blocks of Terraform's language consist of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from iot_dr.emit.hcl.instances import Body, instances
from iot_dr.terraform.standin.schema import Block, Kind
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

BlockOf: TypeAlias = Callable[[Kind, str], Block]


class Strings(Enum):
    """How Terraform takes the strings in an argument."""

    TEMPLATE = auto()
    LITERAL = auto()
    REFERENCE = auto()
    REQUIREMENT = auto()
    TYPE = auto()


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a block consists of, and in which order people write it.

    `labels` is how many it has. `strings` tells how arguments are meant, `otherwise` those not in
    it. `blocks` are nested in it, beside those of the `schema` of its provider. `first` are the
    arguments that stand first, section by section; `refused` is what cannot be written.
    """

    labels: int = 0
    strings: Mapping[str, Strings] = field(default_factory=dict[str, Strings])
    otherwise: Strings = Strings.TEMPLATE
    blocks: "Mapping[str, Shape]" = field(default_factory=dict[str, "Shape"])
    schema: Block | None = None
    first: tuple[tuple[str, ...], ...] = ()
    refused: frozenset[str] = frozenset()

    def nested(self, name: str) -> "Shape | None":
        """Give the shape of the blocks of a name; None where an argument has the name."""
        schema = self.schema.blocks.get(name) if self.schema else None
        if name in self.blocks or not schema:
            return self.blocks.get(name)
        return Shape(labels=int(schema.nesting == "map"), schema=schema.block)

    def dynamic(self, name: str) -> "Shape":
        """Give the shape of a `dynamic` block that makes blocks of a name."""
        content = self.nested(name)
        if not content:
            raise ValueError(f"{name}: the schema has no such block here")
        return Shape(
            strings={"iterator": Strings.REFERENCE},
            blocks={"content": replace(content, labels=0)},
            first=(("for_each", "iterator", "labels"),),
        )


_CONDITION = Shape(first=(("condition", "error_message"),))
_CONDITIONS = {"precondition": _CONDITION, "postcondition": _CONDITION}
_REFERENCES: Mapping[str, Strings] = dict.fromkeys(
    ("provider", "providers", "depends_on"), Strings.REFERENCE
)
_TEXTS: Mapping[str, Strings] = dict.fromkeys(("description", "deprecated"), Strings.LITERAL)
_BY_PROVIDER = Shape(
    labels=2,
    strings=_REFERENCES,
    blocks={
        "lifecycle": Shape(
            strings={
                "ignore_changes": Strings.REFERENCE,
                "replace_triggered_by": Strings.REFERENCE,
            },
            blocks=_CONDITIONS,
        )
    },
    first=(("count", "for_each", "provider"),),
    refused=frozenset(("connection", "provisioner")),
)
_MOVES: Mapping[str, Strings] = dict.fromkeys(("from", "to", "provider"), Strings.REFERENCE)

SHAPES: Final[Mapping[str, Shape]] = {
    "terraform": Shape(
        strings={"required_version": Strings.LITERAL},
        blocks={
            "required_providers": Shape(otherwise=Strings.REQUIREMENT),
            "backend": Shape(labels=1, otherwise=Strings.LITERAL),
        },
        refused=frozenset(("cloud", "provider_meta")),
    ),
    "variable": Shape(
        labels=1,
        strings={**_TEXTS, "type": Strings.TYPE, "default": Strings.LITERAL},
        blocks={"validation": _CONDITION},
        first=(("description", "type", "default", "nullable", "sensitive"),),
    ),
    "locals": Shape(),
    "provider": Shape(labels=1, strings={"alias": Strings.LITERAL}),
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
    """Give the shape of a block at the top, which depends on its type or on what is in it.

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

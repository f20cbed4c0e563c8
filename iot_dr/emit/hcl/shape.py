"""The structure of Terraform's blocks, and their instances in a document."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from iot_dr.emit.hcl.value import LITERAL, REFERENCE, REQUIREMENT, Style
from iot_dr.terraform.standin.schema import Kind, SchemaBlock
from iot_dr.terraform_json.configuration import COMMENT
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence

BlockOf: TypeAlias = Callable[[Kind, str], SchemaBlock]
"""Returns the schema of a resource or data source type; raises KeyError if unknown."""

Body: TypeAlias = Mapping[str, Json]

# Terraform's built-in types are in no provider's schema; they have only attributes.
_BUILT_IN: Final = frozenset(("terraform_data", "terraform_remote_state"))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The structure of a block, and the conventional order of its arguments.

    `labels` is the number of labels. `strings` are the styles of arguments, `otherwise` that of
    others, None for templates. `blocks` are nested blocks in addition to those of the provider's
    `schema`. `first` are the first arguments, by section; `refused` are unsupported members.
    """

    labels: int = 0
    strings: Mapping[str, Style] = field(default_factory=dict[str, Style])
    otherwise: Style | None = None
    blocks: "Mapping[str, Shape]" = field(default_factory=dict[str, "Shape"])
    schema: SchemaBlock | None = None
    first: tuple[tuple[str, ...], ...] = ()
    refused: frozenset[str] = frozenset()

    def nested(self, name: str) -> "Shape | None":
        """Return the shape of a nested block; None if the name is an argument's."""
        schema = self.schema.blocks.get(name) if self.schema else None
        if name in self.blocks or not schema:
            return self.blocks.get(name)
        return Shape(labels=int(schema.nesting == "map"), schema=schema.block)

    def dynamic(self, name: str) -> "Shape":
        """Return the shape of a nested block's `dynamic` block; raises ValueError if unknown."""
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
_OVERRIDE = Shape(
    strings={"target": REFERENCE, "override_during": REFERENCE},
    otherwise=LITERAL,
    first=(("target", "override_during"),),
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
        strings={**_TEXTS, "type": REFERENCE, "default": LITERAL},
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
    "moved": Shape(strings=_MOVES, first=(("from", "to"),)),
    "removed": Shape(
        strings=_MOVES, blocks={"lifecycle": Shape()}, refused=frozenset(("provisioner",))
    ),
    "import": Shape(strings=_MOVES, first=(("for_each", "provider"),)),
    # Of the files of `terraform test`: developer.hashicorp.com/terraform/language/tests.
    "mock_provider": Shape(
        labels=1,
        strings={"alias": LITERAL},
        blocks={"mock_data": Shape(labels=1, otherwise=LITERAL)},
    ),
    "override_resource": _OVERRIDE,
    "variables": Shape(otherwise=LITERAL),
    "run": Shape(
        labels=1,
        strings={"command": REFERENCE, "expect_failures": REFERENCE},
        blocks={
            "variables": Shape(otherwise=LITERAL),
            "override_data": _OVERRIDE,
            "assert": _CONDITION,
        },
        first=(("command", "expect_failures"),),
    ),
}
"""The shape of each top-level block."""


def shape_of(keyword: str, labels: tuple[str, ...], body: Body, block: BlockOf) -> Shape:
    """Return the shape of a top-level block, which may depend on its type or content.

    The schema of provider configurations is not available: objects in them are taken as blocks, as
    the AWS provider has no object arguments. Raises ValueError for a type without a schema.
    """
    shape = SHAPES[keyword]
    match keyword:
        case "resource" | "data":
            return replace(shape, schema=block(keyword, labels[0]))
        case "provider":
            names = [name for name, value in body.items() if _describes_blocks(value)]
            return replace(shape, blocks=dict.fromkeys(names, Shape()))
        case _:
            return shape


def _describes_blocks(value: Json) -> bool:
    values = value if is_sequence(value) else [value]
    return bool(values) and all(map(is_mapping, values))


def instances(value: Json, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Yield the labels and body of each block that a value describes.

    An object is one block, a list several, null none; each label is a key of an outer object.

    Raises:
        ValueError: for another value in place of an object.
    """
    for block in value if is_sequence(value) else [value] * (value is not None):
        if not is_mapping(block):
            raise ValueError(f"must be the object of a block, not {block!r}")
        if not labels:
            yield (), block
            continue
        for label, inner in block.items():
            if label != COMMENT:
                for inner_labels, body in instances(inner, labels - 1):
                    yield (label, *inner_labels), body


def blocks_of(document: Body, keyword: str, labels: int) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Yield the `instances` of a top-level keyword."""
    with at(keyword):
        yield from instances(document.get(keyword), labels)


def known_blocks(blocks: BlockOf) -> BlockOf:
    """Return `blocks` with Terraform's built-in types; unknown types raise ValueError."""

    def block(kind: Kind, type_: str) -> SchemaBlock:
        if type_ in _BUILT_IN:
            return SchemaBlock()
        try:
            return blocks(kind, type_)
        except KeyError:
            message = f"the type {type_!r} is in no provider's schema"
            raise ValueError(message) from None

    return block


@contextmanager
def at(place: str) -> Generator[None]:
    """Prefix a ValueError that is raised inside with the place."""
    try:
        yield
    except ValueError as error:
        message = f"{place}: {error}"
        raise ValueError(message) from None

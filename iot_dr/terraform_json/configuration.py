"""Reads Terraform's JSON configuration: `cdk.tf.json` and any `.tf.json`.

Blocks may be an object or a list of objects
(developer.hashicorp.com/terraform/language/syntax/json).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from iot_dr.common.terraform_binary import program
from iot_dr.terraform_json.expansion import Expansion, Instance
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import (
    Json,
    first,
    is_mapping,
    is_sequence,
    mappings,
    sequence,
    text,
)
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.region import known_text, region_of
from iot_dr.terraform_json.resource import Mode, Resource
from iot_dr.terraform_json.stack_resources import StackResources, StateRead
from modules.template import escaped

COMMENT: Final = "//"
"""The key that Terraform ignores in a block, with cdktf's metadata."""

_LABELS: Final = {
    **dict.fromkeys(("data", "ephemeral", "resource"), 2),
    **dict.fromkeys(("check", "module", "output", "provider", "variable"), 1),
    **dict.fromkeys(("import", "locals", "moved", "removed", "terraform"), 0),
}
"""The labels of each top-level block before its body."""

TOP_LEVEL_BLOCKS: Final = frozenset((COMMENT, *_LABELS))
"""Names allowed at the top level of JSON configuration."""

_META: Final = frozenset(
    ("//", "connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner")
)
_REMOTE_STATE: Final = "terraform_remote_state"


def read_configuration(stack: str, document: Json) -> StackResources:
    """Read a document, or a list of the documents of one folder, as a stack of this name."""
    bodies = mappings(document)
    definitions = dict(_definitions(bodies))
    providers = dict(_providers(bodies, definitions))
    expansion = Expansion(definitions)
    reader = _Reader(stack, providers, definitions)
    blocks: list[tuple[Mode, str, str, dict[str, Json]]] = [
        *(("managed", *block) for block in _typed(bodies, "resource")),
        *(("data", *each) for each in _typed(bodies, "data") if each[0] != _REMOTE_STATE),
    ]
    resources = tuple(
        reader.resource(mode, type_, label, instance)
        for mode, type_, label, body in blocks
        for instance in expansion.expanded(_address(mode, type_, label), body)
    )
    return StackResources(
        name=stack,
        resources=resources,
        outputs={each: body.get("value") for each, body in _named(bodies, "output")},
        providers=providers,
        reads=tuple(_reads(bodies)),
        backend=next(_backends(bodies), None),
        definitions=definitions | expansion.each_values,
        cdktf_name=next(_cdktf_names(bodies), None),
        not_checked=(*_called(bodies), *expansion.not_checked),
    )


class _Reader:
    """Creates resources from their blocks."""

    def __init__(
        self, stack: str, providers: Mapping[str, str | None], definitions: Mapping[str, Json]
    ) -> None:
        self._stack = stack
        self._providers = providers
        self._definitions = definitions

    def resource(self, mode: Mode, type_: str, name: str, instance: Instance) -> Resource:
        """Return the resource or data source of one instance of a block."""
        body = instance.body
        values = {each: value for each, value in body.items() if each not in _META}
        provider = self._provider(type_, text(body.get("provider")))
        return Resource(
            stack=self._stack,
            address=instance.address,
            mode=mode,
            type=type_,
            name=name,
            provider=provider,
            region=region_of(values, self._providers.get(provider or ""), self._definitions),
            values=values,
            arguments=values,
            depends_on=texts(body.get("depends_on")),
        )

    def _provider(self, type_: str, named: str) -> str | None:
        if named:
            return named.removeprefix("${").removesuffix("}")
        default = type_.partition("_")[0]
        return default if default in self._providers else None


def _address(mode: Mode, type_: str, name: str) -> str:
    return f"{'data.' if mode == 'data' else ''}{type_}.{name}"


def _cdktf_names(bodies: list[dict[str, Json]]) -> Iterator[str]:
    for body in bodies:
        if name := text(first(first(body.get(COMMENT)).get("metadata")).get("stackName")):
            yield name


def _called(bodies: list[dict[str, Json]]) -> Iterator[str]:
    if names := [f"module.{name}" for name, _ in _named(bodies, "module")]:
        yield f"the resources in {listing(names)}; run {program()} plan and pass the plan as JSON"


def _named(bodies: list[dict[str, Json]], kind: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the blocks with one label: variables, outputs, providers."""
    for body in bodies:
        for labelled in mappings(body.get(kind)):
            for name, block in labelled.items():
                if name != COMMENT:
                    yield from ((name, inner) for inner in mappings(block))


def _typed(bodies: list[dict[str, Json]], kind: str) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield the blocks with two labels: resources and data sources."""
    for type_, labelled in _named(bodies, kind):
        for name, block in labelled.items():
            if name != COMMENT:
                for body in mappings(block):
                    yield type_, name, body


def _definitions(bodies: list[dict[str, Json]]) -> Iterator[tuple[str, Json]]:
    for name, body in _named(bodies, "variable"):
        if "default" in body:
            default = body["default"]
            yield f"var.{name}", escaped(default) if isinstance(default, str) else default
    for body in bodies:
        for block in mappings(body.get("locals")):
            for name, value in block.items():
                yield f"local.{name}", value


def _providers(
    bodies: list[dict[str, Json]], definitions: Mapping[str, Json]
) -> Iterator[tuple[str, str | None]]:
    for name, body in _named(bodies, "provider"):
        alias = text(body.get("alias"))
        yield f"{name}.{alias}" if alias else name, known_text(body.get("region"), definitions)


def _reads(bodies: list[dict[str, Json]]) -> Iterator[StateRead]:
    for type_, name, body in _typed(bodies, "data"):
        if type_ == _REMOTE_STATE:
            config = first(body.get("config"))
            yield StateRead(name=name, backend=text(body.get("backend")), config=config)


def _backends(bodies: list[dict[str, Json]]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for body in bodies:
        for terraform in mappings(body.get("terraform")):
            for kinds in mappings(terraform.get("backend")):
                for kind, settings in kinds.items():
                    yield kind, first(settings)


def is_configuration(document: Json) -> bool:
    """Whether a document has only Terraform's blocks at its top level, and at least one.

    The top level is an object, or a list of nothing but objects:
    github.com/hashicorp/hcl/blob/main/json/spec.md (Bodies).
    """
    bodies = mappings(document)
    if len(bodies) < len(sequence(document)):
        return False
    keys = {key for body in bodies for key in body}
    return bool(keys - {COMMENT}) and keys <= TOP_LEVEL_BLOCKS


def odd_block(document: Json) -> str:
    """Return the place of the first block that has a body of another type; empty if none has.

    A body is an object or a list of objects; `null` is ignored.
    """
    odd = (
        place
        for body in mappings(document)
        for kind, labels in _LABELS.items()
        for place in _odd_blocks(kind, body.get(kind), labels)
    )
    return next(odd, "")


def _odd_blocks(place: str, value: Json, labels: int) -> Iterator[str]:
    listed = value if is_sequence(value) else [] if value is None else [value]
    if not all(map(is_mapping, listed)):
        yield place
    elif labels:
        for labelled in listed:
            for name, inner in labelled.items():
                if name != COMMENT:
                    yield from _odd_blocks(f"{place}.{name}", inner, labels - 1)

"""Generates the mutants of a design from its resources and the provider's schema."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from environments.settings import Settings
from iot_dr.rules.support.regional_stack import without_region
from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.checks import OneOf
from iot_dr.terraform.standin.schema import Attribute, Kind, SchemaBlock
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform_json.json_value import Json, is_sequence
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.benchmarks.design_mutants.changes import (
    NEGATED,
    REGION,
    REMOVED,
    VALUE,
    Change,
    Surroundings,
    changes,
    some_values,
)
from tools.benchmarks.design_mutants.data_path import data_path
from tools.benchmarks.design_mutants.design import BaseDesign, Edit, Mutant
from tools.benchmarks.design_mutants.device_path import device_path
from tools.benchmarks.design_mutants.normal_form import is_same

# Meta-arguments, and arguments of the provider that no API gets: when Terraform changes or destroys
# a resource. What exists afterwards is the same.
_TERRAFORM: Final = frozenset(
    (
        *("//", "depends_on", "lifecycle", "provider", "timeouts", "allow_overwrite"),
        *("fail_on_warnings", "force_destroy", "force_detach_policies", "skip_destroy"),
        *("replace_security_groups_on_destroy", "enforce_consumer_deletion"),
        # Only Terraform reads the hash, to upload the code; ACM's API has no such list.
        *("source_code_hash", "validation_record_fqdns"),
        # The provider sends them for WebSocket APIs alone: hashicorp/terraform-provider-aws,
        # internal/service/apigatewayv2/stage.go (expandDefaultRouteSettings).
        *("data_trace_enabled", "logging_level"),
    )
)
# The keys of these maps and documents are chosen freely: all are one argument.
_FREE_KEY: Final = re.compile(
    r"^(tags|(?:.*\.)?(?:Condition|event_pattern|filter_criteria|redrive_policy))\..*$"
)
_ADDRESS: Final = re.compile(r"^((?:data\.)?\w+)\.(\w+)(\..+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """The mutants of a design, and how many changes were left out: AWS would get the same."""

    mutants: tuple[Mutant, ...]
    unchanged: int


Part = Callable[[ResourceSet, Settings, SchemaCache], Sequence[Resource]]
"""A part of a design: the resources that are changed."""


def whole_path(
    resources: ResourceSet, settings: Settings, schema: SchemaCache
) -> Sequence[Resource]:
    """Return the resources on the path of devices or of their data."""
    return (*device_path(resources, settings, schema), *data_path(resources, settings, schema))


def generate(design: BaseDesign, schema: SchemaCache, part: Part = whole_path) -> Generated:
    """Return every mutant of the resources of a part, in the order of the parts and of their ids.

    A change of the spelling alone is not a mutant, such as a default that is written out.
    """
    mutants = dict[str, Mutant]()
    for resource in part(design.resources, design.settings, schema):
        for mutant in _Generator(design, schema, resource).mutants():
            mutants.setdefault(mutant.id, mutant)
    every = (*mutants.values(), *_in_every_region(mutants.values()))
    changing = tuple(mutant for mutant in every if not is_same(design, schema, mutant))
    return Generated(mutants=changing, unchanged=len(every) - len(changing))


def _in_every_region(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Yield the mutants of corresponding resources together, as an error of a module would be."""
    alike = defaultdict[tuple[str, ...], dict[str, Mutant]](dict)
    for mutant in mutants:
        (edit,) = mutant.edits
        texts = (edit.stack, mutant.type, edit.name, mutant.place, mutant.detail)
        key = (*(without_region(text) for text in texts), mutant.change)
        alike[key].setdefault(f"{edit.stack}/{edit.name}", mutant)
    for group in alike.values():
        first, *others = group.values()
        if others:
            yield replace(first, edits=tuple(mutant.edits[0] for mutant in group.values()))


class _Generator:
    """The mutants of one resource."""

    def __init__(self, design: BaseDesign, schema: SchemaCache, resource: Resource) -> None:
        self._resource = resource
        self._kind: Kind = "data" if resource.mode == "data" else "resource"
        self._document = design.documents[resource.stack]
        self._behaviour = behaviour_of(self._kind, resource.type)
        self._block = schema.block(self._kind, resource.type)
        self._around = Surroundings(
            regions=design.settings.regions,
            own=resource.region,
            alternatives=self._alternatives,
        )

    def mutants(self) -> Iterator[Mutant]:
        """Yield the mutants of every argument, then the removal of the resource."""
        body: Mapping[str, Json] = self._document[self._kind][self._resource.type][
            self._resource.name
        ]
        for change in (
            *_of_block(self._block, self._behaviour, body, "", self._around),
            *self._other_providers(body),
            Change(kind=REMOVED, value=None),
        ):
            yield self._mutant(change)

    def _mutant(self, change: Change) -> Mutant:
        root = change.argument.lstrip(".").partition(".")[0]
        edit = Edit(
            stack=self._resource.stack,
            kind=self._kind,
            type=self._resource.type,
            name=self._resource.name,
            root=root,
            value=change.value,
        )
        return Mutant(
            edits=(edit,),
            argument=_FREE_KEY.sub(r"\1", change.argument.lstrip(".")),
            place=change.place.lstrip("."),
            change=change.kind,
            detail=change.detail,
        )

    def _other_providers(self, body: Mapping[str, Json]) -> Iterator[Change]:
        provider = body.get("provider")
        change = Change(kind=REMOVED, value=None, argument=".provider", place=".provider")
        if provider:
            yield change
            for other in self._document["provider"]["aws"]:
                if (alias := f"aws.{other['alias']}") != provider:
                    yield replace(change, kind=REGION, value=alias, detail=other["region"])

    def _alternatives(self, reference: str) -> Sequence[str]:
        """Return the reference to the next resource of the same type in the stack."""
        match = _ADDRESS.match(reference)
        if not match:
            return ()
        type_, name, rest = match.groups()
        kind = "data" if type_.startswith("data.") else "resource"
        named = self._document.get(kind, {}).get(type_.removeprefix("data."), {})
        others = [other for other in sorted(named) if other != name]
        return [f"{type_}.{other}{rest}" for other in others[:1]]


def _of_block(
    block: SchemaBlock,
    behaviour: Behaviour,
    body: Mapping[str, Json],
    at: str,
    around: Surroundings,
) -> Iterator[Change]:
    """Yield the changes of a block; the value of each is that of the argument of the block."""
    for name, value in body.items():
        if name in _TERRAFORM:
            continue
        here = f"{at}.{name}".lstrip(".")
        if nested := block.blocks.get(name):
            inner = partial(_of_block, nested.block, behaviour, at=here, around=around)
            yield from _of_nested(name, value, inner)
        else:
            for change in changes(value, behaviour.checks.get(here), around):
                yield _at(change, name)
        yield _at(Change(kind=REMOVED, value=None), name)
    for name, attribute in block.attributes.items():
        if name not in {*body, *_TERRAFORM} and attribute.optional:
            yield from _unset(name, attribute, behaviour, f"{at}.{name}".lstrip("."), around)


def _of_nested(
    name: str, value: Json, inner: Callable[[Mapping[str, Json]], Iterator[Change]]
) -> Iterator[Change]:
    """Yield the changes of a block's bodies as changes of the block."""
    bodies = value if is_sequence(value) else [value]
    for number, body in enumerate(bodies):
        for change in inner(body):
            member = change.argument.lstrip(".").partition(".")[0]
            changed = {**body, member: change.value}
            if change.value is None:
                del changed[member]
            whole = [*bodies[:number], changed, *bodies[number + 1 :]]
            yield _at(replace(change, value=whole if is_sequence(value) else changed), name)


def _at(change: Change, name: str) -> Change:
    return replace(change, argument=f".{name}{change.argument}", place=f".{name}{change.place}")


def _unset(
    name: str, attribute: Attribute, behaviour: Behaviour, path: str, around: Surroundings
) -> Iterator[Change]:
    """Yield the values of an argument that the design does not set, where the schema knows them."""
    default, check = behaviour.defaults.get(path), behaviour.checks.get(path)
    if attribute.type == "bool":
        for value in (True, False):
            if value != (default or False) or (attribute.computed and default is None):
                yield _at(Change(kind=NEGATED, value=value, detail=str(value).lower()), name)
    elif isinstance(check, OneOf):
        for value in some_values(check, default):
            yield _at(Change(kind=VALUE, value=value, detail=str(value)), name)
    elif name == "region":
        for region in around.regions:
            if region != around.own:
                yield _at(Change(kind=REGION, value=region, detail=region), name)

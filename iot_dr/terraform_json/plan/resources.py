"""The resources of a plan for the rules, assembled from several parts of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.lazy_mapping import LazyMapping, MappingCache
from iot_dr.terraform_json.plan.configuration import PlanConfiguration
from iot_dr.terraform_json.plan.entry import PlanEntry
from iot_dr.terraform_json.plan.expression import (
    as_configured,
    escaped_all,
    filled,
    has_references_only,
    has_unknown,
    is_complete,
    origins,
)
from iot_dr.terraform_json.region import region_of
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources
from iot_dr.terraform_json.state import REMOTE_STATE, state_read

_WHERE: Final = ("region", "arn")
# A value that a review hides: in the form of an expression, since it is not known.
_HIDDEN: Final = "${sensitive}"
# Characters of a resource's origins that stay in memory: the names and ids of a record are shorter.
_SHORT: Final = 400


def planned_resources(
    name: str,
    entries: Iterable[PlanEntry],
    configuration: PlanConfiguration,
    outputs: Mapping[str, Mapping[str, Json]],
) -> StackResources:
    """Return the resources of a plan as the stack `name`; `outputs` are those of its values."""
    shared: dict[frozenset[str], frozenset[str]] = {}
    resources = [_resource(name, entry, configuration, shared) for entry in entries]
    return StackResources(
        name=name,
        resources=tuple(each for each in resources if each.type != REMOTE_STATE),
        outputs=dict(_outputs(outputs, configuration)),
        providers={
            key: region
            for key, region in configuration.providers.items()
            if key in configuration.configured
        },
        reads=tuple(state_read(each) for each in resources if each.type == REMOTE_STATE),
        definitions=configuration.definitions,
        is_plan=True,
    )


def _resource(
    stack: str,
    entry: PlanEntry,
    configuration: PlanConfiguration,
    shared: dict[frozenset[str], frozenset[str]],
) -> Resource:
    """Return a resource whose values are decoded on access.

    `shared` caches sets of argument names, so that the instances of a block share one object.
    """
    provider = configuration.provider(entry.address)
    values = _Values(entry, configuration)
    inferred = values.inferred()
    region = configuration.providers.get(provider or "")
    return Resource(
        stack=stack,
        address=entry.address,
        mode=entry.mode,
        type=entry.type,
        name=entry.name,
        provider=provider,
        region=region_of(values.some(_WHERE), region, configuration.definitions),
        values=values,
        change=entry.change,
        arguments=_Arguments(entry, configuration, values),
        inferred=shared.setdefault(inferred, inferred),
        origins=_Origins(entry, configuration),
        depends_on=texts(configuration.block(entry.address).get("depends_on")),
    )


def _outputs(
    planned: Mapping[str, Mapping[str, Json]], configuration: PlanConfiguration
) -> Iterator[tuple[str, Json]]:
    """Yield the outputs: their values if the plan knows them, else their expressions."""
    for name, body in planned.items():
        if (value := body.get("value")) is not None:
            yield name, escaped_all(value)
    for name in configuration.outputs:
        if mapping(planned.get(name)).get("value") is None:
            yield name, configuration.definitions.get(f"output.{name}")


class _OfEntry(LazyMapping):
    __slots__ = ("_configuration", "_entry")

    def __init__(self, entry: PlanEntry, configuration: PlanConfiguration) -> None:
        self._entry = entry
        self._configuration = configuration

    @property
    def cache(self) -> MappingCache:
        return self._entry.cache

    @property
    def size(self) -> int:
        return self._entry.size

    def block(self) -> dict[str, Json]:
        return mapping(self._configuration.block(self._entry.address).get("expressions"))


class _Values(_OfEntry):
    """The values, with the configuration's expressions for unknown ones."""

    __slots__ = ()

    def load(self) -> Mapping[str, Json]:
        literal = escaped_all({**self._entry.values()})
        return filled(literal, {**self._entry.unknown()}, self.block())

    def some(self, names: tuple[str, ...]) -> Mapping[str, Json]:
        """Return a few of the values, without the work for the others."""
        known, unknown = (
            {name: values[name] for name in names if name in values}
            for values in (self._entry.values(), self._entry.unknown())
        )
        return filled(escaped_all(known), unknown, self.block()) if known or unknown else {}

    def inferred(self) -> frozenset[str]:
        unknown, block = self._entry.unknown(), self.block()
        return frozenset(
            name
            for name, inner in unknown.items()
            if has_unknown(inner) and has_references_only(block.get(name))
        )


class _Arguments(_OfEntry):
    """The arguments as they are configured, or the values of those that a plan does not have."""

    __slots__ = ("_values",)

    def __init__(
        self, entry: PlanEntry, configuration: PlanConfiguration, values: Mapping[str, Json]
    ) -> None:
        super().__init__(entry, configuration)
        self._values = values

    def load(self) -> Mapping[str, Json]:
        return {
            name: as_configured(expression)
            if is_complete(expression)
            else _HIDDEN
            if self._entry.hides(name)
            else self._values.get(name)
            for name, expression in self.block().items()
        }


class _Origins(_OfEntry):
    """The expressions by the literal text that the plan has for them; short ones stay decoded.

    Each reference of a resource is looked up in them, many times in a review.
    """

    __slots__ = ()

    def decoded(self) -> Mapping[str, Json]:
        try:
            return self._content
        except AttributeError:
            content = self._content = self.load()
            if sum(map(len, content)) > _SHORT:
                self.cache.add(self)
            return content

    def load(self) -> Mapping[str, Json]:
        values = self._entry.values()
        return dict(
            pair
            for name, expression in self.block().items()
            for pair in origins(escaped_all(values.get(name)), expression)
        )

"""Makes resources of what a plan says in several places."""

from collections.abc import Mapping

from iot_dr.terraform_json.deferred import Deferred, Shelf
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.plan_configuration import PlanConfiguration
from iot_dr.terraform_json.plan_entry import PlanEntry
from iot_dr.terraform_json.plan_expression import (
    escaped_all,
    filled,
    holds_unknown,
    is_bare,
    origins,
)
from iot_dr.terraform_json.region import region_of
from iot_dr.terraform_json.resource import Resource

_WHERE = ("region", "arn")


class PlanReader:
    """Reads the entries of the stack `name`, with what its configuration says of them."""

    def __init__(self, name: str, configuration: PlanConfiguration) -> None:
        self._name = name
        self._configuration = configuration
        self._inferred: dict[frozenset[str], frozenset[str]] = {}

    def resource(self, entry: PlanEntry) -> Resource:
        """Make a resource; its values are made when they are read."""
        provider = self._configuration.provider(entry.address)
        values = _Values(entry, self._configuration)
        return Resource(
            stack=self._name,
            address=entry.address,
            mode=entry.mode,
            type=entry.type,
            name=entry.name,
            provider=provider,
            region=self._region(values, provider),
            values=values,
            change=entry.change,
            inferred=self._shared(values.inferred()),
            origins=_Origins(entry, self._configuration),
        )

    def _region(self, values: "_Values", provider: str | None) -> str | None:
        regions, definitions = self._configuration.providers, self._configuration.definitions
        return region_of(values.some(_WHERE), regions.get(provider or ""), definitions)

    def _shared(self, names: frozenset[str]) -> frozenset[str]:
        """Give the same set for all instances of a block."""
        return self._inferred.setdefault(names, names)


class _OfEntry(Deferred):
    __slots__ = ("_configuration", "_entry")

    def __init__(self, entry: PlanEntry, configuration: PlanConfiguration) -> None:
        self._entry = entry
        self._configuration = configuration

    @property
    def shelf(self) -> Shelf:
        return self._entry.shelf

    @property
    def size(self) -> int:
        return self._entry.size

    def block(self) -> dict[str, Json]:
        return mapping(self._configuration.block(self._entry.address).get("expressions"))


class _Values(_OfEntry):
    """The values, with what configuration states for those that are not known yet."""

    __slots__ = ()

    def made(self) -> Mapping[str, Json]:
        literal = escaped_all({**self._entry.values()})
        return filled(literal, {**self._entry.unknown()}, self.block())

    def some(self, names: tuple[str, ...]) -> Mapping[str, Json]:
        """Give a few of the values without making the others."""
        known, unknown = (
            {name: each[name] for name in names if name in each}
            for each in (self._entry.values(), self._entry.unknown())
        )
        return filled(escaped_all(known), unknown, self.block()) if known or unknown else {}

    def inferred(self) -> frozenset[str]:
        unknown, block = self._entry.unknown(), self.block()
        return frozenset(
            name
            for name, inner in unknown.items()
            if holds_unknown(inner) and is_bare(block.get(name))
        )


class _Origins(_OfEntry):
    """The expressions, by the literal text that the plan tells for them."""

    __slots__ = ()

    def made(self) -> Mapping[str, Json]:
        values = self._entry.values()
        return dict(
            pair
            for name, expression in self.block().items()
            for pair in origins(escaped_all(values.get(name)), expression)
        )

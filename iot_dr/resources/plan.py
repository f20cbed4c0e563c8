"""Reads `terraform show -json PLAN`, as Terraform 1.5 to 1.15 write it (format 1.x).

The form is developer.hashicorp.com/terraform/internals/json-format.
"""

from collections.abc import Iterator, Mapping

from iot_dr.resources.json_value import Json, mapping, mappings, sequence, text
from iot_dr.resources.plan_configuration import PlanConfiguration
from iot_dr.resources.plan_expression import escaped_all, filled, holds_unknown, is_bare, origins
from iot_dr.resources.region import region_of
from iot_dr.resources.resource import Change, Mode, Resource
from iot_dr.resources.stack_resources import StackResources, StateRead
from iot_dr.resources.state import REMOTE_STATE, entries, state_read

_PLAN_KEYS = ("planned_values", "resource_changes", "configuration")


def is_plan(document: Mapping[str, Json]) -> bool:
    """Tell whether a document is a plan's JSON form."""
    return "format_version" in document and any(each in document for each in _PLAN_KEYS)


def read_plan(name: str, document: Mapping[str, Json]) -> StackResources:
    """Read a plan as the stack `name`."""
    configuration = PlanConfiguration.of(document)
    reader = _Reader(name, configuration)
    resources = list(reader.resources(document))
    return StackResources(
        name=name,
        resources=tuple(each for each in resources if each.type != REMOTE_STATE),
        outputs=dict(_outputs(document, configuration)),
        providers={
            key: region
            for key, region in configuration.providers.items()
            if key in configuration.configured
        },
        reads=tuple(_reads(resources)),
        definitions=configuration.definitions,
        is_plan=True,
    )


class _Reader:
    """Makes resources of what a plan says in several places."""

    def __init__(self, stack: str, configuration: PlanConfiguration) -> None:
        self._stack = stack
        self._configuration = configuration

    def resources(self, plan: Mapping[str, Json]) -> Iterator[Resource]:
        """Yield what changes or stays, and the data sources that were read before."""
        seen: set[str] = set()
        for body in mappings(plan.get("resource_changes")):
            address = text(body.get("address"))
            # What was left over by an earlier run that failed has another object's address.
            if "deposed" not in body and address:
                seen.add(address)
                yield self._changed(address, body)
        planned = mapping(plan.get("planned_values"))
        prior = mapping(mapping(plan.get("prior_state")).get("values"))
        for values, is_wanted in ((planned, True), (prior, False)):
            for address, body in entries(values):
                if address not in seen and (is_wanted or body.get("mode") == "data"):
                    seen.add(address)
                    yield self._resource(address, body, mapping(body.get("values")), {}, None)

    def _changed(self, address: str, body: Mapping[str, Json]) -> Resource:
        told = mapping(body.get("change"))
        before, after = (
            None if told.get(each) is None else mapping(told[each]) for each in ("before", "after")
        )
        change = Change(
            actions=tuple(each for each in sequence(told.get("actions")) if isinstance(each, str)),
            before=before,
            after=after,
            forced_by=tuple(_dotted(each) for each in sequence(told.get("replace_paths"))),
        )
        values = (before or {}) if after is None else after
        unknown = {} if after is None else mapping(told.get("after_unknown"))
        return self._resource(address, body, values, unknown, change)

    def _resource(
        self,
        address: str,
        body: Mapping[str, Json],
        known: Mapping[str, Json],
        unknown: Mapping[str, Json],
        change: Change | None,
    ) -> Resource:
        block = mapping(self._configuration.block(address).get("expressions"))
        literal = escaped_all(known)
        values = filled(literal, unknown, block)
        provider = self._configuration.provider(address)
        mode: Mode = "data" if body.get("mode") == "data" else "managed"
        regions, definitions = self._configuration.providers, self._configuration.definitions
        return Resource(
            stack=self._stack,
            address=address,
            mode=mode,
            type=text(body.get("type")),
            name=text(body.get("name")),
            provider=provider,
            region=region_of(values, regions.get(provider or ""), definitions),
            values=values,
            change=change,
            inferred=frozenset(
                name
                for name, inner in unknown.items()
                if holds_unknown(inner) and is_bare(block.get(name))
            ),
            origins=dict(
                pair
                for name, expression in block.items()
                for pair in origins(literal.get(name), expression)
            ),
        )


def _outputs(
    plan: Mapping[str, Json], configuration: PlanConfiguration
) -> Iterator[tuple[str, Json]]:
    """Yield the outputs: their values where the plan knows them, else what they are made of."""
    planned = mapping(mapping(plan.get("planned_values")).get("outputs"))
    for name, body in planned.items():
        if (value := mapping(body).get("value")) is not None:
            yield name, escaped_all(value)
    root = mapping(mapping(plan.get("configuration")).get("root_module"))
    for name in mapping(root.get("outputs")):
        if mapping(planned.get(name)).get("value") is None:
            yield name, configuration.definitions.get(f"output.{name}")


def _reads(resources: list[Resource]) -> Iterator[StateRead]:
    for resource in resources:
        if resource.type == REMOTE_STATE:
            yield state_read(resource)


def _dotted(path: Json) -> str:
    return ".".join(str(step) for step in sequence(path))

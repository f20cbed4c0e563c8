"""Reads `terraform show -json PLAN`, as Terraform 1.5 to 1.15 write it (format 1.x).

The form is developer.hashicorp.com/terraform/internals/json-format.
"""

from collections.abc import Iterable, Iterator, Mapping

from iot_dr.terraform_json.deferred import Shelf
from iot_dr.terraform_json.json_value import Json, mapping, mappings
from iot_dr.terraform_json.plan_configuration import PlanConfiguration
from iot_dr.terraform_json.plan_entry import ParsedEntry, PlanEntry
from iot_dr.terraform_json.plan_expression import escaped_all
from iot_dr.terraform_json.plan_reader import PlanReader
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources, StateRead
from iot_dr.terraform_json.state import REMOTE_STATE, entries, state_read

_PLAN_KEYS = ("planned_values", "resource_changes", "configuration")


def is_plan(document: Mapping[str, Json]) -> bool:
    """Tell whether a document is a plan's JSON form."""
    return "format_version" in document and any(each in document for each in _PLAN_KEYS)


def read_plan(name: str, document: Mapping[str, Json]) -> StackResources:
    """Read a plan as the stack `name`."""
    return planned_resources(name, document, _entries(document))


def planned_resources(
    name: str, document: Mapping[str, Json], entries: Iterable[PlanEntry]
) -> StackResources:
    """Make the stack `name` of what a plan says of its resources.

    Of `document` its configuration, variables and planned outputs are read.
    """
    configuration = PlanConfiguration.of(document)
    reader = PlanReader(name, configuration)
    resources = [reader.resource(entry) for entry in entries]
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


def _entries(plan: Mapping[str, Json]) -> Iterator[PlanEntry]:
    """Yield what changes or stays, and the data sources that were read before."""
    shelf, seen = Shelf(), set[str]()
    for body in mappings(plan.get("resource_changes")):
        entry = ParsedEntry(body, shelf)
        # What was left over by an earlier run that failed has another object's address.
        if "deposed" not in body and entry.address:
            seen.add(entry.address)
            yield entry
    planned = mapping(plan.get("planned_values"))
    prior = mapping(mapping(plan.get("prior_state")).get("values"))
    for values, is_wanted in ((planned, True), (prior, False)):
        for address, body in entries(values):
            if address not in seen and (is_wanted or body.get("mode") == "data"):
                seen.add(address)
                yield ParsedEntry(body, shelf)


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

"""Reads the output of `terraform show -json` for a state.

developer.hashicorp.com/terraform/internals/json-format.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from iot_dr.terraform_json.json_value import Json, mapping, mappings, text
from iot_dr.terraform_json.plan.expression import escaped_all
from iot_dr.terraform_json.region import region_of
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.stack_resources import StackResources, StateRead

REMOTE_STATE: Final = "terraform_remote_state"
_STATE_KEYS: Final = frozenset(("format_version", "terraform_version", "values", "checks"))


def is_state(document: Mapping[str, object]) -> bool:
    """Whether a document is a state's JSON output; that of an empty state has no `values`."""
    return "format_version" in document and document.keys() <= _STATE_KEYS


def read_state(name: str, document: Mapping[str, Json]) -> StackResources:
    """Read a state as the stack `name`; a state contains no provider configurations."""
    values = mapping(document.get("values"))
    resources = [_resource(name, address, body) for address, body in entries(values)]
    outputs = mapping(values.get("outputs")).items()
    return StackResources(
        name=name,
        resources=tuple(each for each in resources if each.type != REMOTE_STATE),
        outputs={each: escaped_all(mapping(body).get("value")) for each, body in outputs},
        reads=tuple(state_read(each) for each in resources if each.type == REMOTE_STATE),
        is_state=True,
    )


def entries(values: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield address and body of the resources of all modules, from `values` of a state or plan."""
    modules = [mapping(values.get("root_module"))]
    while modules:
        module = modules.pop()
        modules += reversed(mappings(module.get("child_modules")))
        for body in mappings(module.get("resources")):
            if address := text(body.get("address")):
                yield address, body


def state_read(resource: Resource) -> StateRead:
    """Return the state read of a `terraform_remote_state` data source."""
    name = resource.address.replace(f"data.{REMOTE_STATE}.", "")
    config = mapping(resource.values.get("config"))
    return StateRead(
        name=name,
        backend=text(resource.values.get("backend")),
        config=config,
        outputs=mapping(resource.values.get("outputs")),
    )


def _resource(stack: str, address: str, body: Mapping[str, Json]) -> Resource:
    values = mapping(escaped_all(body.get("values")))
    return Resource(
        stack=stack,
        address=address,
        mode="data" if body.get("mode") == "data" else "managed",
        type=text(body.get("type")),
        name=text(body.get("name")),
        provider=None,
        region=region_of(values, None, {}),
        values=values,
    )

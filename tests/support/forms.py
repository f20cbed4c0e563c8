"""A design's resources as Terraform prints them: first plan, state, and plan without changes.

The plans are those of HCL, which have the references of an expression and nothing else of it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.plan_parts import change, document, entry

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A resource with all its attributes; `references` are those of arguments' expressions.

    The arguments in `literals` have values in the configuration; other attributes AWS makes.
    """

    address: str
    region: str
    literals: Json = field(default_factory=Json)
    references: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    made: Json = field(default_factory=Json)

    @property
    def values(self) -> Json:
        """All attributes."""
        return {**self.literals, **self.made, "region": self.region}

    def planned(self, *, is_first: bool) -> Json:
        """Return the entry of a plan that creates the resource, or leaves it as it is."""
        known = {**self.literals, "region": self.region} if is_first else self.values
        unknown = dict.fromkeys(self.made, True) if is_first else {}
        changed = change(["create" if is_first else "no-op"], None, known, (False, False))
        return {**entry(self.address), "change": {**changed, "after_unknown": unknown}}

    def configured(self) -> Json:
        """Return the block of a plan's configuration."""
        constants = {key: {"constant_value": value} for key, value in self.literals.items()}
        expressions = {key: {"references": names} for key, names in self.references.items()}
        key = f"aws.{self.region}"
        return {
            **entry(self.address),
            "provider_config_key": key,
            "expressions": constants | expressions,
        }


def forms(resources: Iterable[Applied]) -> dict[str, ResourceSet]:
    """Return the same resources in each form."""
    return {
        name: ResourceSet([stack_resources("dns", json.dumps(content).encode())])
        for name, content in documents(resources).items()
    }


def documents(resources: Iterable[Applied]) -> dict[str, Json]:
    """Return Terraform's JSON of the same resources in each form."""
    every = list(resources)
    providers = {
        f"aws.{region}": {
            "name": "aws",
            "alias": region,
            "expressions": {"region": {"constant_value": region}},
        }
        for region in {each.region for each in every}
    }
    configuration = {
        "provider_config": providers,
        "root_module": {"resources": [each.configured() for each in every]},
    }
    state = {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [
                    {**entry(resource.address), "values": resource.values} for resource in every
                ]
            }
        },
    }
    plans = {
        name: document(
            configuration,
            resource_changes=[resource.planned(is_first=is_first) for resource in every],
        )
        for name, is_first in (("first plan", True), ("plan without changes", False))
    }
    return {**plans, "state": state}

"""Terraform states as a backend stores them."""

import json
from collections.abc import Mapping
from typing import Any


def state_resource(address: str, region: str = "eu-west-1", **attributes: object) -> dict[str, Any]:
    """Return a managed resource with one instance, whose provider has the alias of a region."""
    type_, _, name = address.partition(".")
    alias = region.replace("-", "_")
    return {
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider": f'provider["registry.terraform.io/hashicorp/aws"].{alias}',
        "instances": [{"attributes": attributes}],
    }


def state_file(
    *resources: Mapping[str, object],
    outputs: Mapping[str, object] | None = None,
    serial: int = 1,
    lineage: str = "a",
) -> bytes:
    """Return a state with these resources, and outputs by value."""
    content = {
        "version": 4,
        "serial": serial,
        "lineage": lineage,
        "outputs": {name: {"value": value} for name, value in (outputs or {}).items()},
        "resources": resources,
    }
    return json.dumps(content).encode()

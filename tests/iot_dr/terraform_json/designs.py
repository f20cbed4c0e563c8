"""Designs for tests of the readers."""

import json
from pathlib import Path
from typing import Any

from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

CASES = Path(__file__).parent / "cases"
ZONE = {"aws_route53_zone": {"zone": {"name": "iot.example.com"}}}


def plan() -> dict[str, Any]:
    """Return the plan of `cases/main.tf`."""
    return json.loads((CASES / "plan.json").read_text(encoding="utf-8"))


def resource_set(**documents: Any) -> ResourceSet:
    """Read documents as stacks, by their names with underscores."""
    return ResourceSet(
        stack_resources(name.replace("_", "-"), json.dumps(document).encode())
        for name, document in documents.items()
    )


def find(resources: ResourceSet, address: str, stack: str | None = None) -> Resource:
    """Return the resource with an address; `stack` is needed if several stacks have it."""
    matches = [
        resource
        for candidate in resources.stacks
        for resource in candidate.resources
        if resource.address == address and stack in {None, candidate.name}
    ]
    assert len(matches) == 1, [
        resource.address for candidate in resources.stacks for resource in candidate.resources
    ]
    return matches[0]


def remote_state(stack: str, bucket: str = "states-eu-west-1") -> dict[str, Any]:
    """Return the data source that reads another stack's state, as cdktf writes it."""
    config = {"bucket": bucket, "key": f"dev/{stack}.tfstate", "region": "eu-west-1"}
    name = stack.replace("-", "_")
    return {"terraform_remote_state": {name: {"backend": "s3", "config": config}}}


def backend(stack: str, bucket: str = "states-eu-west-1") -> dict[str, Any]:
    """Return the block of a stack's backend."""
    return {"backend": {"s3": {"bucket": bucket, "key": f"dev/{stack}.tfstate"}}}

"""A resource before and after a plan."""

from collections.abc import Mapping
from typing import Any

from iot_dr.terraform_json.resource import Resource


def states(resource: Resource) -> tuple[Mapping[str, Any], ...]:
    """Give a resource's values as the plan leaves them, and as it finds them."""
    found = (resource.change.before if resource.change else None) or {}
    return dict(resource.values), dict(found)

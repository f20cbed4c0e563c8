"""Resources that may not exist."""

import json
from collections.abc import Iterable
from functools import lru_cache

from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


@lru_cache(maxsize=1)
def conditional(resources: ResourceSet) -> frozenset[str]:
    """Return the ids of resources with a `count` or `for_each` that only a plan knows.

    Of such resources, one may exist only while the other does not.
    """
    return frozenset(
        f"{stack.name}/{key.removesuffix('.each')}"
        for stack in resources.stacks
        for key in stack.definitions
        if key.endswith(".each")
    )


def may_exist_apart(resources: ResourceSet, group: Iterable[Resource]) -> bool:
    """Whether resources exist under different conditions, of which only a plan knows one."""
    if not conditional(resources):
        return False
    definitions = {stack.name: stack.definitions for stack in resources.stacks}
    conditions = {json.dumps(definitions[each.stack].get(f"{each.address}.each")) for each in group}
    return len(conditions) > 1

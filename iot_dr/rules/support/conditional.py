"""Resources that may not exist."""

from iot_dr.terraform_json.resource_set import ResourceSet


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

"""The DNS name that an argument stands for, as far as it is known."""

import re
from typing import Final

from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# What an instance of a resource is made from says nothing about another resource's instances.
_OF_INSTANCE: Final = re.compile(r"\b(?:each|count|self)\.")


def known_name(
    resources: ResourceSet, resource: Resource, argument: str, value: object
) -> str | None:
    """Give the DNS name that a value of `argument` stands for, None where it may be only a part."""
    resolved = resources.resolve(resource, value)
    if argument in resource.inferred or not isinstance(resolved, str):
        return None
    if not is_known(resolved) and _OF_INSTANCE.search(resolved):
        return None
    return dns_name(resolved)


def is_known(name: str) -> bool:
    """Tell whether a name is one of DNS, and not a reference that leads nowhere."""
    return literal(name) is not None and "/" not in name

"""The resources that have an address or a host name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_WITH_ADDRESS: Final = frozenset(
    ("aws_eip", "aws_instance", "aws_lightsail_instance", "aws_lightsail_static_ip")
)


@lru_cache(maxsize=1)
def address_owners(resources: ResourceSet) -> Mapping[str, Sequence[Resource]]:
    """Return the resources by their addresses and host names, without global ones.

    All of states, which have no references; elsewhere those whose IP addresses AWS assigns.
    """
    owners = defaultdict[str, list[Resource]](list)
    for stack in resources.stacks:
        for resource in stack.resources:
            is_read = stack.is_state or resource.type in _WITH_ADDRESS
            if is_read and not is_global(resource.type):
                for name in (each for value in resource.values.values() for each in texts(value)):
                    owners[dns_name(name)].append(resource)
    return owners

"""The resources that a connection, a message, a health check or a watcher uses."""

from collections.abc import Iterable, Iterator, Sequence

from environments.settings import Settings
from iot_dr.design.functions import package_of
from iot_dr.design.publishers import PUBLISHER
from iot_dr.route53.failover import failover_groups
from iot_dr.route53.terraform_records import CHECK
from iot_dr.rules.support.references import referenced_in
from iot_dr.rules.support.strings import strings
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.stack_names import stack_name

# Devices use these by the name or the client in their request, not by a reference.
_BY_NAME = ("aws_iot_domain_configuration", "aws_iot_policy")
_FUNCTION = "aws_lambda_function"
# A function runs without its log group; Terraform names the group in the function's policy.
_LOG = "aws_cloudwatch_log_group"
# It shows what it names, and decides nothing about it.
_SHOWS = "aws_cloudwatch_dashboard"
# Whom an alarm notifies decides nothing about devices.
_NOTIFIES = frozenset(("alarm_actions", "insufficient_data_actions", "ok_actions"))


def device_path(
    resources: ResourceSet, settings: Settings, schema: SchemaCache
) -> Sequence[Resource]:
    """Return the resources on the path of the device name.

    It starts at the failover records of the name and at what AWS IoT selects by name, and follows
    references. It also includes what belongs to a resource on it, which names it in a required
    argument, such as the routes of an API; and the functions that use a resource on it.
    """
    start = [
        record.resource
        for group in failover_groups(resources)
        if group.name == settings.device_name
        for record in group.records
    ]
    # A publisher puts what an alarm evaluates, and neither refers to the other.
    publishers = [
        function
        for function in resources.of_type(_FUNCTION)
        if package_of(resources, function) == PUBLISHER
    ]
    return closure(resources, [*start, *resources.of_type(*_BY_NAME), *publishers], schema)


def failover_path(
    resources: ResourceSet, settings: Settings, schema: SchemaCache
) -> Sequence[Resource]:
    """Return the part of the device path that moves devices, and keeps them from moving.

    That is all of it in the entry point's stack, and the health checks of other stacks.
    """
    path = device_path(resources, settings, schema)
    stack = stack_name(settings.environment, "entry-point")
    return [each for each in path if each.stack == stack or each.type == CHECK]


def closure(
    resources: ResourceSet, start: Iterable[Resource], schema: SchemaCache
) -> Sequence[Resource]:
    """Return the resources that others use, and what belongs to them or uses them."""
    pending, users, path = [*start], _users(resources, schema), dict[str, Resource]()
    while pending:
        resource = pending.pop()
        if resource.id not in path:
            path[resource.id] = resource
            pending += _used(resources, resource)
            pending += users.get(resource.id, ())
    ours = (
        resource
        for resource in path.values()
        if resource.type.startswith("aws_") and resource.type != _LOG
    )
    return sorted(ours, key=lambda resource: resource.id)


def _users(resources: ResourceSet, schema: SchemaCache) -> dict[str, list[Resource]]:
    """Return by resource the functions that use it, and the resources that belong to it."""
    users = dict[str, list[Resource]]()
    for stack in resources.stacks:
        for resource in stack.resources:
            if resource.mode != "managed" or not resource.type.startswith("aws_"):
                continue
            if resource.type == _SHOWS:
                continue
            attributes = schema.block("resource", resource.type).attributes
            for argument, value in resource.values.items():
                is_part = argument in attributes and attributes[argument].required
                if is_part or resource.type == _FUNCTION:
                    for _, text in strings(value):
                        for used in referenced_in(resources, resource, text):
                            users.setdefault(used.id, []).append(resource)
    return users


def _used(resources: ResourceSet, resource: Resource) -> Iterator[Resource]:
    for argument, value in resource.values.items():
        for _, text in strings(value) if argument not in _NOTIFIES else ():
            yield from referenced_in(resources, resource, text)

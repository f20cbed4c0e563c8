"""The resources that decide where devices are led: records, checks, alarms and watchers."""

from collections.abc import Sequence

from environments.settings import Settings
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.stack_names import stack_name
from tools.benchmarks.design_mutants.device_path import device_path


def failover_path(
    resources: ResourceSet, settings: Settings, schema: SchemaCache
) -> Sequence[Resource]:
    """Return the part of the device path that moves devices, and keeps them from moving.

    That is all of it in the entry point's stack, and the health checks of other stacks.
    """
    path = device_path(resources, settings, schema)
    stack = stack_name(settings.environment, "entry-point")
    return [each for each in path if each.stack == stack or each.type == CHECK]

"""Which health check a record asks, and what that one asks in turn."""

from iot_dr.rules.support.record import Record
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

CHECK = "aws_route53_health_check"


def check_of(resources: ResourceSet, record: Record) -> Resource | None:
    """Give the check that a record asks, None where it asks none or one that is not in the set."""
    asked = resources.referred(record.resource, record.resource.values.get("health_check_id"))
    return asked if asked and asked.type == CHECK else None


def leaves(resources: ResourceSet, check: Resource) -> tuple[Resource, ...]:
    """Give the checks that a CALCULATED one adds up, or the check itself."""
    found: list[Resource] = []
    waiting, seen = [check], set[tuple[str, str]]()
    while waiting:
        each = waiting.pop()
        if (key := (each.stack, each.address)) in seen:
            continue
        seen.add(key)
        children = texts(each.values.get("child_healthchecks"))
        if not children:
            found.append(each)
        asked = (resources.referred(each, child) for child in children)
        waiting += (child for child in asked if child and child.type == CHECK)
    return tuple(found)

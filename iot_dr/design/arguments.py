"""The arguments of a resource that a reader does not read."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_COMMON: Final = {
    *("id", "arn", "region", "tags", "tags_all", "timeouts"),
    *("provider", "depends_on", "lifecycle", "//"),
}


def inferred_arguments(resource: Resource, links: Collection[str] = ()) -> tuple[str, ...]:
    """Return the arguments whose expressions are not known, without those that link resources."""
    return tuple(sorted(resource.inferred.difference(_COMMON, links)))


def unread_arguments(
    resources: ResourceSet, resource: Resource, read: Collection[str], fixed: Mapping[str, str]
) -> Iterator[str]:
    """Yield a sentence for each argument with a value that is neither read nor `fixed` to it."""
    for key, value in resource.values.items():
        if key in _COMMON or key in read or value in (None, "", [], {}, False):
            continue
        expected = fixed.get(key)
        if expected is None:
            yield f"{resource.id}: {key} is not read"
        elif (given := resolved_template(resources, resource, value)) != expected:
            yield f"{resource.id}: {key} is {given}; only {expected} is read"

"""Arguments of a resource, with references followed."""

import re
from typing import Final

from iot_dr.terraform_json.defaults import default_of
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# `each.value` or `count.index` of one resource equals no value of another resource.
_OF_INSTANCE: Final = re.compile(r"\b(?:each|count|self)\.")


def resolved_text(resources: ResourceSet, resource: Resource, value: object) -> str | None:
    """Return the literal text that a value resolves to, None if it is not known.

    An unresolved reference becomes `STACK/ADDRESS.ATTRIBUTE`. Callers want a type, a region or a
    DNS name, none of which contains a slash, so a text with one counts as unknown.
    """
    text = literal(resources.resolve(resource, value))
    return None if text is None or "/" in text else text


def resolved_template(resources: ResourceSet, resource: Resource, value: object) -> str:
    """Return the text that a value resolves to; unknown references in it stay expressions."""
    if not isinstance(value, str):
        return str(value)
    # In a longer template, an unresolved reference keeps its `${}`: see `ResourceSet.resolve`.
    return str(resources.resolve(resource, f" {value}"))[1:]


def resolved_upper(resources: ResourceSet, resource: Resource, value: object) -> str:
    """Return the literal text that a value resolves to, in upper case; empty if unknown."""
    return (resolved_text(resources, resource, value) or "").upper()


def may_be_true(value: object) -> bool:
    """Whether a flag is true or only known after the apply."""
    return value is True or (isinstance(value, str) and value.lower() != "false")


def is_true(resources: ResourceSet, resource: Resource, key: str) -> bool:
    """Whether a flag is known to be true."""
    return str(resources.resolve(resource, resource.values.get(key))).lower() == "true"


def whole_number(value: Json) -> int | None:
    """Return a whole number, given as a number or a string; None for any other value."""
    number = literal(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (int, float, str)):
        return None
    try:
        whole = int(number)
    except (ValueError, OverflowError):
        return None
    return None if isinstance(number, float) and number != whole else whole


def number_of(resources: ResourceSet, resource: Resource, argument: str) -> int | None:
    """Return the whole number of an argument, its default if it is not set; None if not known."""
    given: Json = resource.values.get(argument)
    value = default_of(resource.type, argument) if given is None else given
    return whole_number(resources.resolve(resource, value))


def known_dns_name(
    resources: ResourceSet, resource: Resource, argument: str, value: object
) -> str | None:
    """Return the DNS name that a value of `argument` resolves to.

    None if the value is not a string, may be only a part of the name, or depends on the instance.
    An unresolved expression stays in the text, so the name equals only itself.
    """
    resolved = resources.resolve(resource, value)
    if argument in resource.inferred or not isinstance(resolved, str):
        return None
    if not is_resolved_name(resolved) and _OF_INSTANCE.search(resolved):
        return None
    return dns_name(resolved)


def is_resolved_name(name: str) -> bool:
    """Whether a name is a DNS name, not an unresolved reference."""
    return literal(name) is not None and "/" not in name

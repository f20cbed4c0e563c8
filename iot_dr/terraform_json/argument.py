"""Arguments of a resource, read through references."""

import re
from typing import Final

from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# What an instance of a resource is made from says nothing about another resource's instances.
_OF_INSTANCE: Final = re.compile(r"\b(?:each|count|self)\.")


def resolved_text(resources: ResourceSet, resource: Resource, value: object) -> str | None:
    """Return the word that a value of a resource leads to, None where none is known.

    What leads nowhere resolves to `STACK/ADDRESS.ATTRIBUTE`, and no word that rules ask for, such
    as a type, a region or a DNS name, has a slash in it.
    """
    text = literal(resources.resolve(resource, value))
    return None if text is None or "/" in text else text


def resolved_upper(resources: ResourceSet, resource: Resource, value: object) -> str:
    """Return the word that a value leads to, in upper case; empty if unknown."""
    return (resolved_text(resources, resource, value) or "").upper()


def may_be_true(value: object) -> bool:
    """Whether a flag is on, or is only known later."""
    return value is True or (isinstance(value, str) and value.lower() != "false")


def is_true(resources: ResourceSet, resource: Resource, key: str) -> bool:
    """Whether a flag is on, as far as is known."""
    return str(resources.resolve(resource, resource.values.get(key))).lower() == "true"


def whole_number(value: Json) -> int | None:
    """Return a whole number, which may be written as text; None for anything else."""
    number = literal(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (int, float, str)):
        return None
    try:
        return int(number)
    except (ValueError, OverflowError):
        return None


def known_dns_name(
    resources: ResourceSet, resource: Resource, argument: str, value: object
) -> str | None:
    """Return the DNS name that a value of `argument` stands for, None if it may be only a part.

    A name with an expression that leads nowhere stays as text: it equals itself.
    """
    resolved = resources.resolve(resource, value)
    if argument in resource.inferred or not isinstance(resolved, str):
        return None
    if not is_resolved_name(resolved) and _OF_INSTANCE.search(resolved):
        return None
    return dns_name(resolved)


def is_resolved_name(name: str) -> bool:
    """Whether a name is one of DNS, and not a reference that leads nowhere."""
    return literal(name) is not None and "/" not in name

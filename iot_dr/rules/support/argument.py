"""Arguments of a resource, read through references."""

from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet


def text_of(resources: ResourceSet, resource: Resource, value: object) -> str | None:
    """Give the word that a value of a resource leads to, None where none is known.

    What leads nowhere resolves to `STACK/ADDRESS.ATTRIBUTE`, and no word that rules ask for, such
    as a type, a region or a DNS name, has a slash in it.
    """
    text = literal(resources.resolve(resource, value))
    return None if text is None or "/" in text else text


def may_be_true(value: object) -> bool:
    """Tell whether a flag is on, or is only known later."""
    return value is True or (isinstance(value, str) and value.lower() != "false")

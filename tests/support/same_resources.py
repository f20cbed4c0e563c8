"""Whether two states have the same resources, except values that AWS makes up."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.schema import Attribute

Attributes = Mapping[str, Any]
Resources = Mapping[str, Attributes]

# Terraform's own resource type, which is not in the provider's schema.
_MADE_BY_TERRAFORM = {"terraform_data": ("id", "triggers_replace", "output")}
# Only the location of the code differs by design; its digest does not.
_PLACES = {"aws_lambda_function": ("filename",)}
# Arguments in the provider's schema that nobody sets here.
_OPTIONAL_AND_MADE = ("id", "deployment_id")
# A shorter text than an id could be any text.
_SHORTEST = 6
# The stand-in's default if it does not know AWS's answer.
_INVENTED = re.compile(r"standin-[a-z0-9-]+-[0-9a-f]{8}")


class Difference(NamedTuple):
    """An attribute that differs: its place, and its two values."""

    address: str
    attribute: str
    one: object
    other: object


def differences(one: Resources, other: Resources) -> list[Difference]:
    """Compare resources of the same addresses; made-up values match if they correspond.

    Values that only AWS can set (computed, and not an argument) count as equal everywhere: an id
    that a record refers to must be that of the same resource on both sides.
    """
    assert one.keys() == other.keys()
    ours, theirs = _as_the_other(one, other), _without_inventions(other)
    return [
        Difference(address, name, *values)
        for address in ours
        for name in ours[address].keys() | theirs[address].keys()
        if not _is_made_up(address, name) and name not in _PLACES.get(_type(address), ())
        for values in [tuple(_compared(address, name, each[address]) for each in (ours, theirs))]
        if values[0] != values[1]
    ]


def _compared(address: str, name: str, attributes: Attributes) -> Any:
    value = _plain(attributes.get(name))
    known = None if _type(address) in _MADE_BY_TERRAFORM else _attribute(address, name)
    is_set = known is not None and known.type[0] == "set"
    return sorted(value, key=json.dumps) if is_set and value else value


_schema = cache(SchemaCache.default)


def _type(address: str) -> str:
    return address.split(".")[-2]


def _is_made_up(address: str, name: str) -> bool:
    type_ = _type(address)
    if name in _OPTIONAL_AND_MADE:
        return True
    if type_ in _MADE_BY_TERRAFORM:
        return name in _MADE_BY_TERRAFORM[type_]
    attribute = _attribute(address, name)
    return attribute is not None and attribute.computed and not attribute.optional


def _attribute(address: str, name: str) -> Attribute | None:
    return _schema().block("resource", _type(address)).attributes.get(name)


def _as_the_other(one: Resources, other: Resources) -> Resources:
    made = dict(_made_up(one, other))
    known = "|".join(map(re.escape, sorted(made, key=len, reverse=True)))
    text = re.sub(known, lambda found: made[found.group()], json.dumps(one)) if made else None
    return _without_inventions(json.loads(text) if text else one)


def _made_up(one: Resources, other: Resources) -> Iterator[tuple[str, str]]:
    for address, attributes in one.items():
        for name in filter(partial(_is_made_up, address), attributes):
            pairs = zip(_texts(attributes[name]), _texts(other[address].get(name)), strict=False)
            yield from (pair for pair in pairs if pair[0] != pair[1] and len(pair[0]) >= _SHORTEST)


def _without_inventions(resources: Resources) -> Resources:
    return json.loads(_INVENTED.sub("standin", json.dumps(resources)))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _texts(list(value.values()))
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    return []


def _plain(value: Any) -> Any:
    """Parse JSON in a text, where spaces and the order of keys do not matter."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return _plain(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    if isinstance(value, list):
        return [_plain(each) for each in value]  # pyrefly: ignore[unknown-argument-type, unknown-variable-type] - JSON
    return value

"""Whether two states hold the same resources, but for what AWS makes up."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.schema import Attribute

Attributes = Mapping[str, Any]
Resources = Mapping[str, Attributes]

# Terraform's own resource: which the provider's schema does not have.
_MADE_BY_TERRAFORM = {"terraform_data": ("id", "triggers_replace", "output")}
# Where the code lies is the one thing that differs by design; its digest does not.
_PLACES = {"aws_lambda_function": ("filename",)}
# Arguments by the provider's schema, which nobody gives here.
_OPTIONAL_AND_MADE = ("id", "deployment_id")
# What is shorter than an id could be any text.
_SHORTEST = 6
# What the stand-in answers where it does not know what AWS would.
_INVENTED = re.compile(r"standin-[a-z0-9-]+-[0-9a-f]{8}")


class Difference(NamedTuple):
    """An attribute that differs: where, and its two values."""

    address: str
    attribute: str
    one: object
    other: object


def differences(one: Resources, other: Resources) -> list[Difference]:
    """Compare resources of the same addresses, with what was made up for one as the other has it.

    What only AWS can say (computed, and no argument) is taken to be the same wherever it stands:
    an id that a record refers to has to be that of the same resource on both sides.
    """
    assert one.keys() == other.keys()
    mine, theirs = _as_the_other(one, other), _without_inventions(other)
    return [
        Difference(address, name, *values)
        for address in mine
        for name in mine[address].keys() | theirs[address].keys()
        if not _is_made_up(address, name) and name not in _PLACES.get(_type(address), ())
        for values in [tuple(_compared(address, name, each[address]) for each in (mine, theirs))]
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
    """Read what is JSON in a text, whose spaces and order of keys mean nothing."""
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

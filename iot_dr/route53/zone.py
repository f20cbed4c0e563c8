"""The hosted zone of a record."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name, may_be_true
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

ZONE = "aws_route53_zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A hosted zone; `key` is the same for every stack that declares or looks it up.

    `name` is None if unknown. `is_private` is true if the set shows that it is or may be private.
    """

    key: str
    name: str | None
    is_private: bool


def zone_of(resources: ResourceSet, record: Resource, argument: str = "zone_id") -> Zone:
    """Return the zone of an `aws_route53_record`, or of another resource that names its id."""
    value = record.values.get(argument)
    resolved = str(resources.resolve(record, value))
    zone = resources.referenced(record, value, ZONE)
    if zone is None:
        return Zone(key=resolved, name=None, is_private=False)
    name = known_dns_name(resources, zone, "name", zone.values.get("name"))
    is_by_name = zone.mode == "data" and name is not None and not is_resolved_name(resolved)
    key = _looked_up(resources, zone, name) if is_by_name else resolved
    return Zone(key=key, name=name, is_private=is_private(zone))


def _looked_up(resources: ResourceSet, zone: Resource, name: str | None) -> str:
    """Return the key of a zone looked up by name: the declared zone's, if there is exactly one."""
    network = str(resources.resolve(zone, zone.values.get("vpc_id")))
    is_hidden = is_private(zone)
    keys = _made(resources).get((name, is_hidden), ())
    return keys[0] if len(keys) == 1 else f"{name} {is_hidden} {network}"


@lru_cache(maxsize=1)
def _made(resources: ResourceSet) -> dict[tuple[str | None, bool], tuple[str, ...]]:
    """Return the keys of the zones that the set declares, by name and visibility."""
    keys: dict[tuple[str | None, bool], tuple[str, ...]] = {}
    for zone in resources.of_type(ZONE):
        if name := known_dns_name(resources, zone, "name", zone.values.get("name")):
            key = (name, is_private(zone))
            keys[key] = (*keys.get(key, ()), _id(zone))
    return keys


def _id(zone: Resource) -> str:
    own: Any = zone.values.get("zone_id")
    return own if literal(own) else f"{zone.id}.zone_id"


def is_private(zone: Resource) -> bool:
    """Whether a zone is private, or may be."""
    if zone.mode == "data":
        values = zone.values
        return may_be_true(values.get("private_zone") or False) or bool(values.get("vpc_id"))
    dynamic = block(zone.values, "dynamic") or {}
    return block(zone.values, "vpc") is not None or "vpc" in dynamic

"""The full name of a record of Route 53."""

from typing import TYPE_CHECKING

from iot_dr.terraform_json.dns_name import dns_name, is_below
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource import Resource

if TYPE_CHECKING:
    from iot_dr.terraform_json.resource_set import ResourceSet


def record_name(resource_set: "ResourceSet", record: Resource) -> str:
    """Give the name that an `aws_route53_record` answers for, in the form in which names compare.

    An expression where it is not known.
    """
    argument = record.values.get("name")
    name = resource_set.resolve(record, argument)
    if not isinstance(name, str):
        return ""
    # What a reference leads to is no name yet where it is told by its address.
    if name != argument and "/" in name:
        return name
    zone = resource_set.referred(record, record.values.get("zone_id"))
    zone_name = resource_set.resolve(zone, zone.values.get("name")) if zone else None
    return dns_name(full_name(name, zone_name))


def full_name(name: str, zone_name: object) -> str:
    """Put the zone's name behind a relative one, as the provider does: `mqtt`, `""`, `@`.

    registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record, `fqdn`.
    """
    zone = literal(zone_name)
    if zone is None or literal(name) is None or is_below(name, zone):
        return name
    zone = zone.rstrip(".")
    return zone if name in {"", "@"} else f"{name.rstrip('.')}.{zone}"

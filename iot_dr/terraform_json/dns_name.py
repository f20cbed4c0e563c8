"""DNS names, compared without case and final dot (RFC 4343; RFC 1034, 3.1)."""

from collections.abc import Iterator
from typing import Final

from iot_dr.terraform_json.expression import literal

# More than a name of 255 octets has: docs.aws.amazon.com/Route53/latest/DeveloperGuide/
# DomainNameFormat.html. Expressions in a name may have dots, too.
_LABELS: Final = 200


def dns_name(text: str) -> str:
    """Return a name in the form used for comparison: lower case, no final dot."""
    return text.rstrip(".").lower()


def is_below(name: str, zone: str) -> bool:
    """Whether a name is the zone's apex or below it."""
    short, long = dns_name(zone), dns_name(name)
    return long == short or long.endswith(f".{short}")


def ends(name: str) -> Iterator[str]:
    """Yield a name and the names that it is below, the closest first."""
    labels = name.rsplit(".", _LABELS)
    return (".".join(labels[start:]) for start in range(len(labels)))


def full_name(name: str, zone_name: object) -> str:
    """Return a relative name (`mqtt`, empty, `@`) with the zone's name appended.

    This is the provider's `fqdn`
    (registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record). A name
    that is in the zone is returned unchanged, and so is any name if it or the zone's name contains
    an expression.
    """
    zone = literal(zone_name)
    if zone is None or literal(name) is None or is_below(name, zone):
        return name
    zone = zone.rstrip(".")
    return zone if name in {"", "@"} else f"{name.rstrip('.')}.{zone}"

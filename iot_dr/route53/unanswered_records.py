"""Records of a zone that resolvers do not ask, for an NS record or a zone below it."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.route53.zone import ZONE, is_private
from iot_dr.terraform_json.argument import known_dns_name, resolved_text
from iot_dr.terraform_json.dns_name import dns_name, ends
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource_set import ResourceSet

_DELEGATION: Final = frozenset(("NS", "DS"))
_ROUTE53: Final = re.compile(r"(?:^|\.)awsdns-\d\d\.(?:com|net|org|co\.uk)$")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A record of which resolvers ask other name servers, or that leads them to those.

    `zone` is the name of the zone that they ask. If it `hides_zone`, they do not see the other
    records of the record's zone either.
    """

    record: DeclaredRecord
    zone: str
    message: str
    hides_zone: bool = False


@lru_cache(maxsize=1)
def unanswered_records(resources: ResourceSet) -> tuple[Unanswered, ...]:
    """Return the records that resolvers do not see, and the NS records that hide others."""
    return (*_in_parent_zones(resources), *_own_names(resources))


def hiding(resources: ResourceSet, records: Iterable[DeclaredRecord]) -> Iterator[Unanswered]:
    """Yield those of `unanswered_records` for which resolvers do not see one of some records."""
    keys = (key for record in records for key in (record.zone.key, record.id))
    for key in dict.fromkeys(keys):
        yield from _by_hidden(resources).get(key, ())


@lru_cache(maxsize=1)
def _by_hidden(resources: ResourceSet) -> Mapping[str, Sequence[Unanswered]]:
    """Return the same by the key of the zone, or the id of the record, that they hide."""
    by_hidden = defaultdict[str, list[Unanswered]](list)
    for unanswered in unanswered_records(resources):
        record = unanswered.record
        by_hidden[record.zone.key if unanswered.hides_zone else record.id].append(unanswered)
    return by_hidden


def _own_names(resources: ResourceSet) -> Iterator[Unanswered]:
    for record in declared_names(resources).records:
        is_apex = record.type == "NS" and record.name in {record.zone.name, "@"}
        if is_apex and (servers := _others(resources, record)):
            yield Unanswered(
                record,
                record.name,
                f"the NS records of {shown(record)}, the zone's own name, are {', '.join(servers)}:"
                " resolvers prefer them to those of the parent zone, and ask these servers for"
                " every name of the zone, also for the device name. Remove the record: Route 53"
                " creates it with the zone.",
                hides_zone=True,
            )


def _in_parent_zones(resources: ResourceSet) -> Iterator[Unanswered]:
    """Yield the records of a zone for names that a public zone below it answers.

    The parent's own records are those that lead to the zone below: NS and DS of its name, and the
    addresses of the name servers.
    """
    records = declared_names(resources).records
    zones = {
        name: zone
        for zone in resources.of_type(ZONE)
        if not is_private(zone)
        and (name := known_dns_name(resources, zone, "name", zone.values.get("name")))
    }
    servers = {target for record in records if record.type == "NS" for target in record.targets}
    for record in records:
        nearest, parent = _nearest(record.name, zones), record.zone.name
        is_answered = parent is None or record.is_private or len(nearest) <= len(parent)
        is_delegation = record.name == nearest and record.type in _DELEGATION
        if not is_answered and not is_delegation and record.name not in servers:
            yield Unanswered(
                record,
                nearest,
                f"{shown(record)} is in the zone {parent}, while {zones[nearest].address} is the"
                f" zone {nearest}: resolvers ask that one, and never see the record. Use the"
                f" zone_id of {nearest}.",
            )


def _nearest(name: str, zones: Container[str]) -> str:
    """Return the smallest of `zones` that a name is in or of, empty if there is none."""
    return next((end for end in ends(dns_name(name)) if end in zones), "")


def _others(resources: ResourceSet, record: DeclaredRecord) -> tuple[str, ...]:
    """Return the name servers of a record; empty if one of them may be the zone's own.

    Names in the zone itself may have the addresses of its servers:
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/white-label-name-servers.html.
    """
    known = [
        resolved_text(resources, record.resource, value)
        for value in texts(record.resource.values.get("records"))
    ]
    names = [dns_name(name) if name else "" for name in known]
    may_be_own = any(
        not name or _ROUTE53.search(name) or name.endswith(f".{record.zone.name or record.name}")
        for name in names
    )
    return () if may_be_own else tuple(names)

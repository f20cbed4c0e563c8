"""Records of a zone that resolvers do not ask, for an NS record or a zone below it."""

import re
from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import DeclaredRecord, declared_names
from iot_dr.route53.zone import ZONE, is_private
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.shown_name import shown
from iot_dr.terraform_json.argument import known_dns_name, resolved_text
from iot_dr.terraform_json.dns_name import dns_name, is_below
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "zone-answered-elsewhere"
_DELEGATION: Final = frozenset(("NS", "DS"))
_ROUTE53: Final = re.compile(r"(?:^|\.)awsdns-\d\d\.(?:com|net|org|co\.uk)$")


def _find(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
    yield from _in_parent_zones(resources, settings)
    for record in declared_names(resources).records:
        is_apex = record.type == "NS" and record.name in {record.zone.name, "@"}
        if is_apex and (servers := _others(resources, record)):
            is_ours = settings is not None and record.name == settings.zone_name
            yield finding_at(
                record.resource,
                _ID,
                f"the NS records of {shown(record)}, the zone's own name, are {', '.join(servers)}:"
                " resolvers prefer them to those of the parent zone, and ask these servers for"
                " every name of the zone, also for the device name. Remove the record: Route 53"
                " creates it with the zone.",
                Verdict.BLOCK if is_ours else Verdict.WARN,
            )


def _in_parent_zones(resources: ResourceSet, settings: Settings | None) -> Iterator[Finding]:
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
        below = [name for name in zones if is_below(record.name, name)]
        nearest, parent = max(below, key=len, default=""), record.zone.name
        is_answered = parent is None or record.is_private or len(nearest) <= len(parent)
        is_delegation = record.name == nearest and record.type in _DELEGATION
        if not is_answered and not is_delegation and record.name not in servers:
            is_ours = settings is not None and nearest == settings.zone_name
            yield finding_at(
                record.resource,
                _ID,
                f"{shown(record)} is in the zone {parent}, while {zones[nearest].address} is the"
                f" zone {nearest}: resolvers ask that one, and never see the record. Use the"
                f" zone_id of {nearest}.",
                Verdict.BLOCK if is_ours else Verdict.WARN,
            )


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


RULE: Final = Rule(
    id=_ID,
    title="A zone that its own name servers answer",
    why="Route 53 creates the NS record of a zone's own name. If another one overwrites it,"
    " resolvers follow it as soon as they have seen it once: the answer of the zone is more"
    " trustworthy than the referral of the parent (RFC 2181, 5.4.1), and health checks and failover"
    " records decide nothing; nor do records of the parent zone for names below. It blocks"
    " for an environment's zone, and warns for others.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html and"
    " dns-routing-traffic-for-subdomains.html",
    find=_find,
)

"""A record that AWS refuses, in Route 53 or as a name of CloudFront."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.rules.support.conditional import conditional
from iot_dr.rules.support.shown_name import shown
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "record-not-accepted"
_CLOUDFRONT: Final = re.compile(r"\.cloudfront\.net$|(?:^|\.)aws_cloudfront_distribution\.")
_POLICIES: Final = "_routing_policy"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = declared_names(resources)
    for record in names.records:
        for message in (*_messages(names, record), *_zone_messages(resources, record)):
            yield finding_at(record.resource, _ID, message)
    groups = defaultdict[tuple[str, str], dict[str, list[DeclaredRecord]]](dict)
    uncertain = conditional(resources)
    for record in names.records:
        if record.name and record.type and record.id not in uncertain:
            groups[record.zone.key, record.name].setdefault(record.type, []).append(record)
    for by_type in groups.values():
        if len(by_type) > 1 and (aliased := by_type.get("CNAME")):
            yield finding_at(aliased[0].resource, _ID, _next_to_cname(aliased[0], by_type))
        for records in by_type.values():
            if len(records) > 1 and (message := _shared(names, records)):
                yield finding_at(records[0].resource, _ID, message)


def _messages(names: DeclaredNames, record: DeclaredRecord) -> Iterator[str]:
    if record.is_alias and record.name and record.name == record.target:
        yield (
            f"the alias of {shown(record)} points at its own name: it leads nowhere. Point it to"
            " the name of an endpoint, or of other records in the zone."
        )
    values = record.resource.values
    policies = sorted(key for key in values if key.endswith(_POLICIES) and block(values, key))
    if len(policies) > 1 and record.resource.change is None:  # no plan has what a provider refuses
        yield (
            f"it has {' and '.join(policies)}: a record has one routing policy, and the provider"
            " refuses two. For both, point an alias to records with the other policy."
        )
    flag = (block(values, "alias") or {}).get("evaluate_target_health")
    is_own = record.is_alias and not names.alias_targets(record)
    if is_own and str(flag).lower() == "true" and _distributions(names, record):
        yield (
            "Route 53 refuses `evaluate_target_health` for an alias to CloudFront: set it to false."
            " CloudFront is global; for a failover add a health check of the origin."
        )


def _zone_messages(resources: ResourceSet, record: DeclaredRecord) -> Iterator[str]:
    """Yield that the id of a zone is an ARN, which is longer than the 32 characters of an id."""
    resource = record.resource
    alias = block(resource.values, "alias") or {}
    for argument, value in (
        ("zone_id", resource.values.get("zone_id")),
        ("alias.zone_id", alias.get("zone_id")),
    ):
        zone, text = resources.referenced(resource, value), str(resources.resolve(resource, value))
        if text.startswith("arn:") or (zone and text == f"{zone.id}.arn"):
            yield (
                f"its {argument} is the ARN of a zone, which Route 53 refuses: use the `zone_id` of"
                " the zone."
            )


def _distributions(names: DeclaredNames, record: DeclaredRecord) -> set[str]:
    return {end.name for end in names.destinations(record) if _CLOUDFRONT.search(end.name)}


def _next_to_cname(record: DeclaredRecord, by_type: Mapping[str, list[DeclaredRecord]]) -> str:
    others = [each for type_, named in by_type.items() if type_ != "CNAME" for each in named]
    return (
        f"{shown(record)} has a CNAME record, and {others[0].resource.address} of type"
        f" {others[0].type}: Route 53 refuses any other record next to a CNAME of its name. Remove"
        " one of them, or use an alias."
    )


def _shared(names: DeclaredNames, records: list[DeclaredRecord]) -> str:
    """Return why AWS refuses records that share a name and type, empty if it does not."""
    simple = [record for record in records if not record.routing]
    if simple and len(simple) < len(records):
        return (
            f"{shown(records[0])} has a simple {records[0].type} record"
            f" ({simple[0].resource.address}) next to records with a routing policy: Route 53"
            " refuses the second of them. Give the simple record another name, or remove it."
        )
    distributions = sorted(set[str]().union(*(_distributions(names, each) for each in records)))
    if len(distributions) > 1:
        return (
            f"{shown(records[0])} leads to {' and '.join(distributions)}: CloudFront accepts an"
            " alternate domain name on one distribution only, so the other one does not serve it."
            " Use one distribution with an origin group."
        )
    return ""


RULE: Final = Rule(
    id=_ID,
    title="Only records that AWS accepts",
    why="An alias that points at its own name leads nowhere. Route 53 refuses to evaluate the"
    " health of a CloudFront distribution, a simple record next to records with a routing policy,"
    " any record next to a CNAME of its name, and an ARN as the id of a zone. CloudFront accepts an"
    " alternate domain name on one distribution only, so two of them are not a failover pair.",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html and"
    " API_ChangeResourceRecordSets.html (Id);"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html and ResourceRecordTypes.html (CNAME);"
    " docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
    find=_find,
)

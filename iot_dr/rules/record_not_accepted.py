"""A record or signing key that AWS refuses, in Route 53 or as a name of CloudFront."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from environments.settings import Settings
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.rules.support.conditional import conditional
from iot_dr.rules.support.shown_name import shown
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "record-not-accepted"
_CLOUDFRONT: Final = re.compile(r"\.cloudfront\.net$|(?:^|\.)aws_cloudfront_distribution\.")
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-configuring-dnssec-cmk-requirements.html
_SIGNING_REGION: Final = "us-east-1"
_SIGNING_KEY: Final = {
    "customer_master_key_spec": "ECC_NIST_P256",
    "key_usage": "SIGN_VERIFY",
}
_OF_AWS: Final = "of AWS"
_KEY: Final = re.compile(r"arn:[\w-]+:kms:([\w-]+):")
_POLICIES: Final = "_routing_policy"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    for signing in resources.of_type("aws_route53_key_signing_key"):
        yield from (finding_at(signing, _ID, each) for each in _key_messages(resources, signing))
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


def _key_messages(resources: ResourceSet, signing: Resource) -> Iterator[str]:
    """Yield why a key in AWS KMS cannot sign a zone: its region, or what it is for."""
    value = signing.values.get("key_management_service_arn")
    key = resources.referenced(signing, value)
    arn = _KEY.match(str(resources.resolve(signing, value)))
    region = arn.group(1) if arn else key.region if key else None
    if region not in {None, _SIGNING_REGION} and not str(region).startswith("cn-"):
        yield (
            f"its key is in {region}, and Route 53 signs a zone with keys in {_SIGNING_REGION}"
            " alone: create the key there, with a provider of that region."
        )
    if key is None or key.type != "aws_kms_key":
        return
    for argument, wanted in _SIGNING_KEY.items():
        used = resolved_text(resources, key, key.values.get(argument, _OF_AWS))
        if used not in {None, wanted} and (used != _OF_AWS or key.change is None):
            yield f"its key has the {argument} {used}, and Route 53 accepts {wanted} alone."


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
    title="Only records and signing keys that AWS accepts",
    why="An alias that points at its own name leads nowhere. Route 53 refuses to evaluate the"
    " health of a CloudFront distribution, a simple record next to records with a routing policy,"
    " any record next to a CNAME of its name, an ARN as the id of a zone, and keys for DNSSEC"
    " outside us-east-1 or not for signing: the zone is not applied. CloudFront accepts an"
    " alternate domain name on one distribution only, so two of them are not a failover pair.",
    source="docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html and"
    " API_ChangeResourceRecordSets.html (Id);"
    " docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "resource-record-sets-values-failover.html, ResourceRecordTypes.html (CNAME) and"
    " dns-configuring-dnssec-cmk-requirements.html;"
    " docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
    find=_find,
)

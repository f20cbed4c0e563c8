"""Records and signing keys that AWS refuses, in Route 53 or as a name of CloudFront.

Below docs.aws.amazon.com: Route53/latest/APIReference/API_AliasTarget.html,
API_ChangeResourceRecordSets.html (Id) and API_ResourceRecordSet.html (SetIdentifier);
Route53/latest/DeveloperGuide/
resource-record-sets-values-failover.html, ResourceRecordTypes.html (CNAME) and
dns-configuring-dnssec-cmk-requirements.html; AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import (
    ROUTING_POLICY,
    DeclaredNames,
    DeclaredRecord,
    declared_names,
)
from iot_dr.route53.zone import ZONE, zone_of
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.conditional import conditional
from iot_dr.terraform_json.expression import single_reference
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.global_region import GLOBAL_REGION

_CLOUDFRONT: Final = re.compile(r"\.cloudfront\.net$|(?:^|\.)aws_cloudfront_distribution\.")
# An output of a called module, of which the configuration shows the name alone.
_OUTPUT: Final = re.compile(r"(?:^|/)module\..*\.cloudfront_(?:distribution_)?domain_name$")
_SIGNING_KEY: Final = {
    "customer_master_key_spec": "ECC_NIST_P256",
    "key_usage": "SIGN_VERIFY",
}
_OF_AWS: Final = "of AWS"
_KEY: Final = re.compile(r"arn:[\w-]+:kms:([\w-]+):")
# Resources with a DNS name that are not alias targets.
_NO_TARGET: Final = re.compile(r"^aws_(?:instance|eip|db_instance|rds_cluster|nat_gateway)\.")
_API: Final = re.compile(
    r"^(?:\$\{aws_(?:api_gateway_rest_api|apigatewayv2_api)\.[^}]*\}|(?!d-)\w+)\.execute-api\."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resource that AWS refuses, and why; `zone` is the key of its zone.

    It concerns records of one name, or with an empty `name` the whole zone. If it is not
    `is_certain`, what records lead to is known by the name of a module's output alone.
    """

    resource: Resource
    message: str
    zone: str
    name: str = ""
    is_certain: bool = True


@lru_cache(maxsize=1)
def refusals(resources: ResourceSet) -> tuple[Refusal, ...]:
    """Return what AWS refuses of the records and signing keys of a set."""
    return (*_of_keys(resources), *_of_records(resources))


def refused(resources: ResourceSet, records: Iterable[DeclaredRecord]) -> Iterator[Refusal]:
    """Yield what AWS refuses of the names of records, and of their zones."""
    keys = ((each.zone.key, name) for each in records for name in ("", each.name or each.id))
    for key in dict.fromkeys(keys):
        yield from _by_name(resources).get(key, ())


@lru_cache(maxsize=1)
def _by_name(resources: ResourceSet) -> Mapping[tuple[str, str], Sequence[Refusal]]:
    by_name = defaultdict[tuple[str, str], list[Refusal]](list)
    for refusal in refusals(resources):
        by_name[refusal.zone, refusal.name].append(refusal)
    return by_name


def _of_keys(resources: ResourceSet) -> Iterator[Refusal]:
    for signing in resources.of_type("aws_route53_key_signing_key"):
        zone = zone_of(resources, signing, "hosted_zone_id").key
        for message in _key_messages(resources, signing):
            yield Refusal(signing, message, zone)


def _of_records(resources: ResourceSet) -> Iterator[Refusal]:
    names = declared_names(resources)
    groups = defaultdict[tuple[str, str], dict[str, list[DeclaredRecord]]](dict)
    uncertain = conditional(resources)
    for record in names.records:
        for message in (*_messages(names, record), *_zone_messages(resources, record)):
            yield _refusal(record, message)
        if record.name and record.type and record.id not in uncertain:
            groups[record.zone.key, record.name].setdefault(record.type, []).append(record)
    for by_type in groups.values():
        if len(by_type) > 1 and (aliased := by_type.get("CNAME")):
            yield _refusal(aliased[0], _next_to_cname(aliased[0], by_type))
        for records in by_type.values():
            yield from _of_identifiers(resources, records)
            if len(records) > 1 and (message := _shared(names, records)):
                yield _refusal(records[0], message)
            elif message := _two_distributions(records[0], _outputs(records)):
                yield replace(_refusal(records[0], message), is_certain=False)


def _refusal(record: DeclaredRecord, message: str) -> Refusal:
    return Refusal(record.resource, message, record.zone.key, record.name or record.id)


def _messages(names: DeclaredNames, record: DeclaredRecord) -> Iterator[str]:
    if record.is_alias and record.name and record.name == record.target:
        yield (
            f"the alias of {shown(record)} points at its own name: it leads nowhere. Point it to"
            " the name of an endpoint, or of other records in the zone."
        )
    values = record.resource.values
    policies = sorted(key for key in values if key.endswith(ROUTING_POLICY) and block(values, key))
    if len(policies) > 1 and record.resource.change is None:  # no plan has what a provider refuses
        yield (
            f"it has {' and '.join(policies)}: a record has one routing policy, and the provider"
            " refuses two. For both, point an alias to records with the other policy."
        )
    if len(blocks(values, "alias")) > 1:
        yield (
            "it has more than one `alias`, of which the provider accepts one: give each target a"
            " record of its own."
        )
    alias = block(values, "alias") or {}
    if problem := _target_problem(str(alias.get("name") or "")):
        yield problem
    flag = alias.get("evaluate_target_health")
    is_own = record.is_alias and not names.alias_targets(record)
    if is_own and str(flag).lower() == "true" and _distributions(names, record):
        yield (
            "Route 53 refuses `evaluate_target_health` for an alias to CloudFront: set it to false."
            " CloudFront is global; for a failover add a health check of the origin."
        )


def _target_problem(value: str) -> str:
    """Return why Route 53 accepts no alias to a target, empty if it may.

    docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html (DNSName).
    """
    reference = single_reference(value) or ""
    if _NO_TARGET.search(reference):
        return (
            f"an alias cannot point to {reference}, which is not an alias target of Route 53: point"
            " it to a load balancer, or use a record with an address."
        )
    if _API.search(value):
        return (
            f"an alias cannot point to {value}, an API's own host: create a custom domain name in"
            " each region, and point the alias to its regional domain name."
        )
    return ""


def _zone_messages(resources: ResourceSet, record: DeclaredRecord) -> Iterator[str]:
    """Yield that the id of a zone is an ARN, which is longer than the 32 characters of an id."""
    resource = record.resource
    alias = block(resource.values, "alias") or {}
    for argument, value in (
        ("zone_id", resource.values.get("zone_id")),
        ("alias.zone_id", alias.get("zone_id")),
    ):
        zone = resources.referenced(resource, value, ZONE)
        text = str(resources.resolve(resource, value))
        if text.startswith("arn:") or (zone and text == f"{zone.id}.arn"):
            yield (
                f"its {argument} is the ARN of a zone, which Route 53 refuses: use the `zone_id` of"
                " the zone."
            )


def _key_messages(resources: ResourceSet, signing: Resource) -> Iterator[str]:
    """Yield why a key in AWS KMS cannot sign a zone: its region, or what it is for."""
    value = signing.values.get("key_management_service_arn")
    key = resources.referenced(signing, value)
    text = str(resources.resolve(signing, value))
    arn = _KEY.match(text)
    region = arn.group(1) if arn else key.region if key else None
    if arn is None and text.startswith("arn:"):
        yield f"its key is {text}, which is not a key of AWS KMS."
    if region not in {None, GLOBAL_REGION} and not str(region).startswith("cn-"):
        yield (
            f"its key is in {region}, and Route 53 signs a zone with keys in {GLOBAL_REGION}"
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
    return _two_distributions(records[0], distributions)


def _of_identifiers(resources: ResourceSet, records: Sequence[DeclaredRecord]) -> Iterator[Refusal]:
    """Yield the records whose known set identifier an earlier record of their name and type has."""
    earlier = dict[str, Resource]()
    for record in records:
        resource = record.resource
        identifier = resolved_text(resources, resource, resource.values.get("set_identifier"))
        if not identifier:
            continue
        first = earlier.setdefault(identifier, resource)
        if first is not resource:
            yield _refusal(
                record,
                f"its set_identifier {identifier} is also that of {first.address}, a record of the"
                f" same name and type ({shown(record)}): Route 53 refuses the second of them, or"
                " overwrites the first. Give each record its own.",
            )


def _outputs(records: list[DeclaredRecord]) -> list[str]:
    targets = {target for record in records for target in record.targets}
    return sorted(
        target.removeprefix(f"{records[0].resource.stack}/")
        for target in targets
        if _OUTPUT.search(target)
    )


def _two_distributions(record: DeclaredRecord, distributions: list[str]) -> str:
    """Return that records lead to several distributions, empty for at most one."""
    if len(distributions) <= 1:
        return ""
    return (
        f"{shown(record)} leads to {' and '.join(distributions)}: CloudFront accepts an alternate"
        " domain name on one distribution only, so the other one does not serve it. Use one"
        " distribution with an origin group."
    )

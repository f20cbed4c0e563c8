"""Weighted, latency or multivalue records of one name in several regions without health."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.shown_name import shown
from iot_dr.route53.terraform_records import DeclaredNames, DeclaredRecord, declared_names
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import whole_number
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "routing-without-health"
_ROUTINGS: Final = frozenset(("weighted", "latency", "multivalue_answer", "geolocation"))
_Key = tuple[str, str, str, str]


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    names = declared_names(resources)
    groups = defaultdict[_Key, list[DeclaredRecord]](list)
    for record in names.records:
        if record.routing in _ROUTINGS and record.name and not record.is_private:
            groups[record.zone.key, record.name, record.type, record.routing].append(record)
    for (*_, routing), records in groups.items():
        unchecked = [record for record in records if not _has_health(names, record)]
        regions = {end.region for each in records for end in names.destinations(each) if end.region}
        if unchecked and len(regions) > 1:
            yield _finding(resources, unchecked, routing, sorted(regions), len(records))


def _has_health(names: DeclaredNames, record: DeclaredRecord) -> bool:
    """Whether Route 53 may find a record unhealthy."""
    if record.check or not record.is_alias:
        return bool(record.check)
    below = names.alias_targets(record)
    return record.evaluates_target and not any(
        not each.is_alias and not each.check for each in below
    )


def _finding(
    resources: ResourceSet,
    unchecked: list[DeclaredRecord],
    routing: str,
    regions: list[str],
    records: int,
) -> Finding:
    first = unchecked[0]
    kind = routing.removesuffix("_answer")
    lead = (
        f"{shown(first)} has {records} {kind} records in {' and '.join(regions)},"
        f" {len(unchecked)} of them without a health check"
    )
    weights = [_weight(resources, record) for record in unchecked]
    if routing == "weighted" and len(unchecked) == records and weights.count(0) == records - 1:
        return finding_at(
            first.resource,
            _ID,
            f"{lead}: one has all the weight, so devices move only if somebody changes the weights"
            " through Route 53's control plane, which is in us-east-1. Use failover records with"
            " health checks, or accept this as a manual switch.",
            Verdict.WARN,
        )
    return finding_at(
        first.resource,
        _ID,
        f"{lead}: Route 53 considers them healthy and keeps answering with a region that is down."
        " Set `health_check_id`, or `evaluate_target_health` of an alias, on every record.",
        # The place of a client may be why it gets this region alone.
        Verdict.WARN if routing == "geolocation" else Verdict.BLOCK,
    )


def _weight(resources: ResourceSet, record: DeclaredRecord) -> int | None:
    policy: Mapping[str, object] = block(record.resource.values, "weighted_routing_policy") or {}
    return whole_number(resources.resolve(record.resource, policy.get("weight")))


RULE: Final = Rule(
    id=_ID,
    title="Health checks on records that share a name between regions",
    why="Route 53 answers with weighted, latency, geolocation and multivalue records by weight,"
    " distance or chance, and considers a record without a health check healthy. Devices are led to"
    " a region that is down. Only a warning are weights of which one has all, a manual switch,"
    " and geolocation records, which may keep clients in a region for legal reasons.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
    "health-checks-how-route-53-chooses-records.html and routing-policy-geo.html;"
    " docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html",
    find=_find,
)

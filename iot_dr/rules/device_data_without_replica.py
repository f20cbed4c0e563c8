"""A store of device data that exists in only one region."""

from collections.abc import Iterator, Mapping
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.failover import failover_regions
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.device_data_gaps import DeviceDataGaps, Gap
from iot_dr.rules.support.device_data_path import RULE_TYPE, DeviceDataPath
from iot_dr.rules.support.missing_resources import missing_resources
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.rules.support.regional_stack import siblings
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "device-data-without-replica"


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    gaps = list(_gaps(resources, expected))
    # `device-path-differs` reports resources that a standby lacks entirely.
    lacking = missing_resources(resources, expected) if gaps else ()
    reported = {(each.stack, each.what, each.region) for each in lacking}
    for gap, rule in gaps:
        if regions := _unreported_regions(gap, reported):
            yield _finding(gap, regions, rule, expected)


def _gaps(
    resources: ResourceSet, expected: DesignExpectation | None
) -> Iterator[tuple[Gap, Resource]]:
    """Yield each gap with the topic rule whose data goes there."""
    if not any(resources.of_type(RULE_TYPE)):
        return
    path = DeviceDataPath(resources)
    gaps = DeviceDataGaps(resources, path)
    platform, families = _platform(resources, expected), _of_families(resources)
    for store, rule in path.storage:
        regions = platform or families.get(rule.stack, frozenset())
        if store.region is not None and len(regions) > 1:
            yield from ((gap, rule) for gap in gaps.of(store, regions))


def _platform(resources: ResourceSet, expected: DesignExpectation | None) -> frozenset[str]:
    """Return the regions that the device name may lead to; empty if unknown."""
    if expected is not None:
        return frozenset(expected.regions)
    regions = failover_regions(resources)
    return frozenset((regions[0], *regions[1])) if regions else frozenset()


def _of_families(resources: ResourceSet) -> Mapping[str, frozenset[str]]:
    """Return, by name of a regional stack, the regions of its family."""
    return {
        stack.stack.name: frozenset(sibling.region for sibling in family)
        for family in siblings(resources)
        for stack in family
    }


def _unreported_regions(gap: Gap, reported: set[tuple[str, str, str]]) -> list[str]:
    stack, address, type_ = gap.resource.stack, gap.resource.address, gap.resource.type
    return [
        region
        for region in gap.regions
        if reported.isdisjoint(((stack, address, region), (stack, type_, region)))
    ]


def _finding(
    gap: Gap, regions: list[str], rule: Resource, expected: DesignExpectation | None
) -> Finding:
    is_ours = is_our_stack(gap.resource.stack, expected)
    return finding_at(
        gap.resource,
        _ID,
        f"device data from {rule.address} of {rule.stack} depends on it, and {gap.fault}"
        f" {' or '.join(regions)}: the data is lost with {gap.resource.region}. {gap.advice}",
        Verdict.BLOCK if is_ours else Verdict.WARN,
    )


RULE: Final = Rule(
    id=_ID,
    title="A replica of every store of device data",
    why="Tables of the same name in two regions are two separate tables: after a failover the"
    " standby has no data that devices sent before. The rule follows device data from the topic"
    " rules through queues, streams and functions to tables, buckets, streams and their keys;"
    " `device-path-differs` reports resources that are missing entirely. It blocks for stacks of"
    " iot-dr, and warns for others.",
    source="docs/adr/0021-device-data-in-every-region.md;"
    " docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html;"
    " aws.amazon.com/about-aws/whats-new/2020/11/"
    "encrypt-your-amazon-dynamodb-global-tables-by-using-your-own-encryption-keys, for keys;"
    " docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
    find=_find,
)

"""A failover pair whose records fail together."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.failover import failover_groups
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks, declared_evaluation
from iot_dr.route53.terraform_records import (
    DeclaredNames,
    DeclaredRecord,
    Destination,
    declared_names,
)
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-pair-in-one-region"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = declared_names(resources)
    for group in failover_groups(resources):
        if group.pair and (problem := _problem(resources, names, *group.pair)):
            yield finding_at(
                group.pair[1].resource,
                _ID,
                f"PRIMARY and SECONDARY of {group.name} {problem}: if that region fails, both"
                " fail, and Route 53 answers with the PRIMARY. Point the SECONDARY to another"
                " region, with a health check of that region.",
            )


def _problem(
    resources: ResourceSet, names: DeclaredNames, primary: DeclaredRecord, secondary: DeclaredRecord
) -> str | None:
    primary_regions, secondary_regions = (
        _regions(names.destinations(primary)),
        _regions(names.destinations(secondary)),
    )
    if primary_regions and primary_regions == secondary_regions and len(primary_regions) == 1:
        return f"both point to {next(iter(primary_regions))}"
    check = declared_checks(resources).get(primary.check)
    if check and primary.check == secondary.check:
        return f"use the same health check ({check.resource.address})"
    primary_regions = _checked_regions(resources, names, primary)
    if len(primary_regions) == 1 and primary_regions == _checked_regions(
        resources, names, secondary
    ):
        return f"have health checks that both test {next(iter(primary_regions))}"
    return None


def _regions(ends: tuple[Destination, ...]) -> set[str]:
    """Return the regions of destinations; empty if one of them is unknown."""
    regions = {end.region for end in ends}
    return set() if None in regions else {region for region in regions if region}


def _checked_regions(
    resources: ResourceSet, names: DeclaredNames, record: DeclaredRecord
) -> set[str]:
    checks = declared_checks(resources)
    ids = declared_evaluation(resources).check_ids(record.check) if record.check else ()
    endpoint_checks = [checks[id_] for id_ in ids if id_ in checks and not checks[id_].children]
    # A check of an alarm is ignored: a good alarm is in another region than its subject.
    regions = [
        _regions(_ends(names, each)) for each in endpoint_checks if each.resource.values.get("fqdn")
    ]
    return set[str]().union(*regions) if all(regions) else set()


def _ends(names: DeclaredNames, check: DeclaredCheck) -> tuple[Destination, ...]:
    steps = names.steps(check.resource, "fqdn", check.resource.values.get("fqdn"))
    return tuple(step for step in steps if isinstance(step, Destination))


RULE: Final = Rule(
    id=_ID,
    title="The two records of a failover pair in two regions",
    why="A failover moves devices to the other record when a region is lost. If both records point"
    " to one region, or both health checks test one region, both fail with it; with both records"
    " unhealthy, Route 53 answers with the PRIMARY.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html",
    find=_find,
)

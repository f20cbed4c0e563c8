"""A failover pair whose two sides fail together."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.rules.rule import Finding, Rule
from iot_dr.rules.support.failover_pairs import failover_groups
from iot_dr.rules.support.finding_at import finding_at
from iot_dr.rules.support.health_checks import check_of, leaves
from iot_dr.rules.support.names import End, Names, names_of
from iot_dr.rules.support.record import Record
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "failover-pair-in-one-region"


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    names = names_of(resources)
    for group in failover_groups(resources):
        if group.pair and (problem := _problem(resources, names, *group.pair)):
            yield finding_at(
                group.pair[1].resource,
                _ID,
                f"PRIMARY and SECONDARY of {group.name} {problem}: when that region fails, both"
                " fail, and Route 53 answers with the PRIMARY. Lead the SECONDARY to another"
                " region, and check it there.",
            )


def _problem(
    resources: ResourceSet, names: Names, primary: Record, secondary: Record
) -> str | None:
    one, other = _regions(names.ends(primary)), _regions(names.ends(secondary))
    if one and one == other and len(one) == 1:
        return f"both lead to {next(iter(one))}"
    if (check := check_of(resources, primary)) and check == check_of(resources, secondary):
        return f"ask the same check ({check.address})"
    one = _checked_regions(resources, names, primary)
    if len(one) == 1 and one == _checked_regions(resources, names, secondary):
        return f"ask checks that both look at {next(iter(one))}"
    return None


def _regions(ends: tuple[End, ...]) -> set[str]:
    """Give the regions, none where one of them is not known."""
    found = {end.region for end in ends}
    return set() if None in found else {region for region in found if region}


def _checked_regions(resources: ResourceSet, names: Names, record: Record) -> set[str]:
    check = check_of(resources, record)
    # An alarm stands in another region than what it is about, if it is made well.
    found = [each for each in leaves(resources, check) if each.values.get("fqdn")] if check else []
    regions = [_regions(_ends(names, each)) for each in found]
    return set[str]().union(*regions) if all(regions) else set()


def _ends(names: Names, check: Resource) -> tuple[End, ...]:
    steps = names.steps(check, "fqdn", check.values.get("fqdn"))
    return tuple(step for step in steps if isinstance(step, End))


RULE: Final = Rule(
    id=_ID,
    title="The two sides of a failover pair in two regions",
    why="A failover moves devices to the other side when a region is lost. If both sides lead to"
    " one region, or are judged by what happens in one, both are lost with it; with both sides"
    " unhealthy Route 53 answers with the PRIMARY.",
    source="docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html",
    find=_find,
)

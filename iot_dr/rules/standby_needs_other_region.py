"""A region that cannot serve without another one."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.route53.aws_host import is_region, regional_names_in
from iot_dr.route53.failover import first_region
from iot_dr.route53.terraform_records import names_of
from iot_dr.rules.rule import Finding, Rule
from iot_dr.rules.support.build_roles import is_of_builds
from iot_dr.rules.support.crossing import allows_replication_alone, brings_over, is_crossing
from iot_dr.rules.support.finding_at import finding_at
from iot_dr.rules.support.policy_statements import statements
from iot_dr.rules.support.reach import referred_in
from iot_dr.rules.support.regional_stack import regional_stacks, standing
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "standby-needs-other-region"
_ADVICE: Final = (
    "When that region is lost, this one stops serving too: use the counterpart in its own region."
)
_TOLD_ONLY: Final = ("tags", "tags_all", "description", "comment")
_ROUTING: Final = (
    "failover_routing_policy",
    "weighted_routing_policy",
    "latency_routing_policy",
    "geolocation_routing_policy",
    "geoproximity_routing_policy",
)


def _find(resources: ResourceSet, _settings: Settings | None) -> Iterator[Finding]:
    regional = {each.stack.name: each.region for each in regional_stacks(resources)}
    primary = first_region(resources)
    for stack in resources.stacks:
        own = regional.get(stack.name)
        for resource in standing(stack):
            if own and resource.type == "aws_route53_record":
                need = _record_need(resources, resource, own)
            elif own:
                need = _need(resources, resource, own)
            else:
                need = _standby_need(resources, resource, primary)
            if need and not is_of_builds(resources, resource):
                yield finding_at(resource, _ID, f"{need}. {_ADVICE}")


def _need(resources: ResourceSet, resource: Resource, own: str) -> str | None:
    """Tell what a resource of a regional stack needs of another region."""
    is_judged = resource.type.startswith("aws_iam_") or not is_global(resource.type)
    if resource.region not in (own, None) or not is_judged:
        return None
    needs = (each for each in _needs(resources, resource) if each[1] != own)
    return next((f"{what} is in {region}" for what, region in needs), None) or _named(resource, own)


def _standby_need(resources: ResourceSet, resource: Resource, primary: str | None) -> str | None:
    """Tell what a standby's resource needs of the primary, where one stack holds both.

    What a role may do is left out: a stack of all regions has watchers that look at the others.
    """
    if primary is None or resource.region in (primary, None) or is_global(resource.type):
        return None
    needs = (each for each in _needs(resources, resource) if each[1] == primary)
    return next((f"{what} is in {region}" for what, region in needs), None)


def _needs(resources: ResourceSet, resource: Resource) -> Iterator[tuple[str, str]]:
    """Give what the arguments name that is in a region, each with the argument and the region."""
    if is_crossing(resource):
        return
    values = {key: resource.values[key] for key in resource.values if key not in _TOLD_ONLY}
    for path, whole in strings(values):
        if brings_over(path):
            continue
        for text in _run_time_texts(whole):
            for name, region in regional_names_in(text):
                yield f"{path} names {name}, which", region
            for referred in referred_in(resources, resource, text):
                if referred.region and not is_global(referred.type):
                    yield f"{path} refers to {referred.address}, which", referred.region


def _run_time_texts(text: str) -> Iterator[str]:
    """Give a text; of a policy, the resources that it allows, for conditions need nothing."""
    found = statements(text)
    if found is None:
        yield text
        return
    for statement in found:
        if statement.get("Effect") == "Allow" and not allows_replication_alone(statement):
            yield from (each for _, each in strings(statement.get("Resource")))


def _named(resource: Resource, own: str) -> str | None:
    """Tell of a function's variable that is another region: its clients go there."""
    for environment in blocks(resource.values, "environment"):
        for name, text in strings(environment.get("variables")):
            if is_region(text) and text != own:
                return f"the environment variable {name} is {text}"
    return None


def _record_need(resources: ResourceSet, resource: Resource, own: str) -> str | None:
    """Tell of a name without routing of its own that leads to another region's broker."""
    if any(resource.values.get(policy) for policy in _ROUTING):
        return None
    names = names_of(resources)
    record = names.record(resource)
    regions = {end.region for end in names.ends(record) if end.is_iot} if record else set[str]()
    others = sorted(region for region in regions if region and region != own)
    return f"the name leads to AWS IoT in {others[0]}" if others else None


RULE: Final = Rule(
    id=_ID,
    title="No region that needs another one at run time",
    why="A failover is for the day on which a region is gone. A function, a rule, a role or a name"
    " in the standby that needs a table, a queue or an endpoint of the lost region is lost with it,"
    " and nobody notices before that day. Replication, global tables and clusters, and ways between"
    " networks are no such need: they bring data over, and what came over goes on serving; nor is"
    " what a build may do, which changes other regions and serves nobody.",
    source="docs.aws.amazon.com/prescriptive-guidance/latest/aws-multi-region-fundamentals;"
    " docs.aws.amazon.com/wellarchitected/latest/iot-lens, reliability",
    find=_find,
)

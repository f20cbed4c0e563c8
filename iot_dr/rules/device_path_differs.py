"""A resource on the devices' path that differs between regions, or is missing in one."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple, cast

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.aws_host import (
    REGION_IN_ADDRESS,
    is_region,
    kind_of_host,
    region_of_host,
)
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.missing_resources import DEVICE_PATH, missing_resources
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.rules.support.references import reachable
from iot_dr.rules.support.regional_arguments import (
    IGNORED,
    RegionalArguments,
    set_value,
    without_expressions,
)
from iot_dr.rules.support.regional_stack import (
    common_address,
    existing_resources,
    regional_stacks,
    without_region,
)
from iot_dr.terraform_json.expression import has_expression, texts
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.listing import listing
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_STARTS: Final = (
    "aws_iot_domain_configuration",
    "aws_iot_policy",
    "aws_iot_topic_rule",
    "aws_iot_event_configurations",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage",
    "aws_lambda_event_source_mapping",
    "aws_route53_health_check",
    "aws_route53_record",
)
# What belongs to a resource and refers to it, by the argument that does, and its type.
_BELONGING: Final = {
    "aws_lambda_permission": ("function_name", "aws_lambda_function"),
    "aws_iam_role_policy": ("role", "aws_iam_role"),
}
_LABEL: Final = frozenset(("name",))
# What makes records of one name different, which is the purpose of a failover, and names of load
# balancers, which no client uses.
_IGNORED_OF: Final[Mapping[str, frozenset[str]]] = {
    "aws_route53_record": frozenset(
        ("failover_routing_policy", "set_identifier", "health_check_id")
    ),
    # Only what an apply waits for: one stack has the record that all regions' certificates need.
    "aws_acm_certificate_validation": frozenset(("validation_record_fqdns",)),
    **dict.fromkeys(("aws_lb", "aws_alb", "aws_elb"), _LABEL),
}
# An answer is followed later, and is not another one.
_LATER: Final = "ttl"
_CERTIFICATES: Final = "server_certificate_arns"
_LONGEST: Final = 120


class _Difference(NamedTuple):
    """An argument that differs between regions, or may, which is then not judged."""

    resource: Resource
    argument: str
    message: str
    is_known: bool


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    yield from (missing.finding for missing in missing_resources(resources, expected))
    for difference in filter(lambda each: each.is_known, _differences(resources)):
        is_ours = is_our_stack(difference.resource.stack, expected)
        is_blocked = is_ours and difference.argument != _LATER
        verdict = Verdict.BLOCK if is_blocked else Verdict.WARN
        yield finding_at(difference.resource, DEVICE_PATH, difference.message, verdict)


def _not_judged(resources: ResourceSet) -> Iterator[str]:
    """Yield which arguments are not compared between regions."""
    unknown = [
        f"{difference.argument} of {difference.resource.id}"
        for difference in _differences(resources)
        if not difference.is_known
    ]
    if unknown:
        yield (
            f"whether the regions have the same {listing(unknown)}: a plan has no functions, and"
            " only the references of an expression"
        )
    states = [stack.name for stack in resources.stacks if stack.is_state]
    if any(each.stack in states for each in resources.of_type(*_STARTS)):
        yield (
            f"what a region has in another way than the others, of {listing(states)}: a state does"
            " not distinguish arguments; pass the configuration, or a plan"
        )


@lru_cache(maxsize=1)
def _differences(resources: ResourceSet) -> tuple[_Difference, ...]:
    return tuple(
        difference
        for (first_region, first), *others in _groups(resources).values()
        for model in (_Regional(resources, first, first_region),)
        for region, other in others
        if region != first_region
        for difference in _compared(resources, model, _Regional(resources, other, region))
    )


class _Regional:
    """A resource in a region, with its arguments in the form that all regions share."""

    def __init__(self, resources: ResourceSet, resource: Resource, region: str) -> None:
        self.resource, self.region = resource, region
        self._by_address, self._by_meaning = (
            RegionalArguments(resources, resource, region, by_meaning=by_meaning)
            for by_meaning in (False, True)
        )
        self._normal = dict[str, Json]()

    def normal(self, argument: str, value: Json) -> Json:
        """Return the form of an argument's value; a model is compared with several others."""
        if argument not in self._normal:
            self._normal[argument] = self._by_address.normal(value)
        return self._normal[argument]

    def meaning(self, value: Json) -> Json:
        """Return the form in which references mean the arguments of what they refer to."""
        return self._by_meaning.normal(value)


def _groups(resources: ResourceSet) -> Mapping[str, Sequence[tuple[str, Resource]]]:
    """Return the corresponding resources of regions, each with its region, by their address."""
    families = {stack.stack.name: stack for stack in regional_stacks(resources)}
    groups = defaultdict[str, list[tuple[str, Resource]]](list)
    for resource in (each for each in _path(resources) if each.arguments):
        family = families.get(resource.stack)
        region = family.region if family else _region_of(resource)
        if region:
            stack = family.family if family else resource.stack
            groups[f"{stack}/{common_address(resources, resource)}"].append((region, resource))
    return groups


def _path(resources: ResourceSet) -> Iterator[Resource]:
    """Yield what connections, messages and health checks use, directly or through references.

    Only managed resources, and with them the permissions and inline policies that belong to them.
    """
    starts = [
        resource
        for stack in resources.stacks
        for resource in existing_resources(stack)
        if resource.type in _STARTS
    ]
    path = {each.id: each for each in reachable(resources, starts) if each.mode == "managed"}
    yield from path.values()
    for type_, (argument, owned_by) in _BELONGING.items():
        for resource in resources.of_type(type_):
            owner = resources.referenced(resource, resource.values.get(argument), owned_by)
            if owner and owner.id in path:
                yield resource


def _region_of(resource: Resource) -> str | None:
    """Return the region of a resource of a stack that has those of several regions.

    It is the first region in the address; the resource's own for names such as `standby`; None for
    other names.
    """
    region = REGION_IN_ADDRESS.search(resource.address)
    if region:
        return region.group().replace("_", "-")
    return resource.region if without_region(resource.address) != resource.address else None


def _compared(resources: ResourceSet, first: _Regional, other: _Regional) -> Iterator[_Difference]:
    model, resource = first.resource, other.resource
    ignored = IGNORED | _IGNORED_OF.get(resource.type, frozenset())
    for argument in sorted({*model.arguments, *resource.arguments} - ignored):
        values = set_value(model, argument), set_value(resource, argument)
        is_same_list = all(map(_is_regions, values)) and sorted(values[0]) == sorted(values[1])
        are_alike = (
            all(map(_are_addresses, values))
            or _are_hosts_of_aws(*values)
            or (
                argument == _CERTIFICATES
                and _are_certificates(resources, (model, resource), values)
            )
        )
        if is_same_list or are_alike:
            continue
        normal = first.normal(argument, values[0]), other.normal(argument, values[1])
        if normal[0] != normal[1] and first.meaning(values[0]) == other.meaning(values[1]):
            continue
        is_inferred = argument in model.inferred | resource.inferred
        known = tuple(map(without_expressions, normal)) if is_inferred else normal
        if normal[0] != normal[1] or known != normal:
            yield _Difference(
                resource,
                argument,
                f"{argument} is {_shown(values[1])} in {other.region}, and {_shown(values[0])} in"
                f" {first.region} ({model.id}). After a failover devices, messages or health"
                " checks would meet the difference: make both equal but for the region.",
                is_known=known[0] != known[1],
            )


def _is_regions(value: Json) -> bool:
    """Whether a value is a list of regions, such as those of Route 53's checkers."""
    return isinstance(value, list) and all(map(is_region, map(str, cast("list[Json]", value))))


def _are_addresses(value: Json) -> bool:
    """Whether a value is an IP address or several, of which no two regions have the same."""
    entries = cast("list[Json]", value) if isinstance(value, list) else [value]
    try:
        return bool([ip_address(str(entry)) for entry in entries])
    except ValueError:
        return False


def _are_hosts_of_aws(first: Json, other: Json) -> bool:
    """Whether both are a host of AWS, of the same kind in two regions."""
    hosts = [host for value in (first, other) for host in texts(value) or ("",)]
    kinds = {*map(kind_of_host, hosts)}
    is_pair = len(kinds) == 1 and None not in kinds and len(hosts) == len((first, other))
    return is_pair and region_of_host(hosts[0]) != region_of_host(hosts[1])


def _are_certificates(
    resources: ResourceSet, domains: tuple[Resource, Resource], values: tuple[Json, Json]
) -> bool:
    """Whether both are as many certificates, declared here or given by their ARN.

    ARNs of two regions never correspond. The proof reads which names the certificates cover.
    """
    first, other = map(texts, values)
    return 0 < len(first) == len(other) and all(
        not has_expression(arn) or resources.referenced(domain, arn)
        for domain, arns in zip(domains, (first, other), strict=True)
        for arn in arns
    )


def _shown(value: Json) -> str:
    text = "not set" if value is None else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


RULE: Final = Rule(
    id=DEVICE_PATH,
    title="The same device path in every region",
    why="A failover changes a DNS answer and nothing else. A topic rule or a policy that only the"
    " primary has, or a domain configuration, a health API or a permission that differs between"
    " regions, is found when the fleet has moved. It blocks for stacks of iot-dr, whose addresses"
    " correspond, and warns for others.",
    source="docs.aws.amazon.com/wellarchitected/latest/iot-lens, reliability;"
    " docs.aws.amazon.com/prescriptive-guidance/latest/aws-multi-region-fundamentals",
    find=_find,
    not_judged=_not_judged,
)

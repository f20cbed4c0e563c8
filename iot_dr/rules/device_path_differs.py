"""A resource on the devices' path that differs between regions, or is missing in one."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Final, cast

from iot_dr.design.expectation import DesignExpectation
from iot_dr.route53.aws_host import REGION_IN_ADDRESS, is_region
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.rules.support.missing_resources import DEVICE_PATH, missing_resources
from iot_dr.rules.support.our_stack import is_our_stack
from iot_dr.rules.support.references import reachable
from iot_dr.rules.support.regional_stack import (
    existing_resources,
    regional_stacks,
    without_region,
)
from iot_dr.terraform_json.expression import references
from iot_dr.terraform_json.json_value import Json, is_sequence, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_SIDE: Final = re.compile(r"[-_]?\*[-_]?")
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
# What belongs to a resource and refers to it, by the argument that does.
_BELONGING: Final = {"aws_lambda_permission": "function_name", "aws_iam_role_policy": "role"}
# Nothing that a device or a health check would notice.
_IGNORED: Final = frozenset(
    (
        *("//", "tags", "tags_all", "description", "alarm_description", "provider", "timeouts"),
        *("reference_name", "measure_latency"),
    )
)
_LABEL: Final = frozenset(("name",))
# What makes records of one name different, which is the purpose of a failover, and names of load
# balancers, which no client uses.
_IGNORED_OF: Final[Mapping[str, frozenset[str]]] = {
    "aws_route53_record": frozenset(
        ("failover_routing_policy", "set_identifier", "health_check_id")
    ),
    **dict.fromkeys(("aws_lb", "aws_alb", "aws_elb"), _LABEL),
}
# docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html,
# docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
_DEFAULTS: Final[Mapping[tuple[str, str], Json]] = {
    ("aws_iot_domain_configuration", "status"): "ENABLED",
    ("aws_iot_domain_configuration", "service_type"): "DATA",
    ("aws_apigatewayv2_route", "authorization_type"): "NONE",
    ("aws_apigatewayv2_route", "api_key_required"): False,
    ("aws_route53_health_check", "failure_threshold"): 3,
    ("aws_route53_health_check", "disabled"): False,
    ("aws_route53_health_check", "invert_healthcheck"): False,
}
_LONGEST: Final = 120


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    yield from (missing.finding for missing in missing_resources(resources, expected))
    for group in _groups(resources).values():
        (first_region, first), *others = group
        for region, other in others:
            if region != first_region:
                yield from _differences(resources, (first_region, first), (region, other), expected)


def _groups(resources: ResourceSet) -> Mapping[str, Sequence[tuple[str, Resource]]]:
    """Return the corresponding resources of regions, each with its region, by their address."""
    families = {stack.stack.name: stack for stack in regional_stacks(resources)}
    groups = defaultdict[str, list[tuple[str, Resource]]](list)
    for resource in filter(_is_configured, _path(resources)):
        family = families.get(resource.stack)
        region = family.region if family else _region_of(resource)
        if region:
            stack = family.family if family else resource.stack
            groups[f"{stack}/{without_region(resource.address)}"].append((region, resource))
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
    for type_, argument in _BELONGING.items():
        for resource in resources.of_type(type_):
            owner = resources.referenced(resource, resource.values.get(argument))
            if owner and owner.id in path:
                yield resource


def _is_configured(resource: Resource) -> bool:
    """Whether the values are arguments alone: what exists has computed attributes in a plan."""
    return resource.change is None or resource.change.actions == ("create",)


def _region_of(resource: Resource) -> str | None:
    """Return the region of a resource of a stack that has those of several regions.

    It is the first region in the address; the resource's own for names such as `standby`; None for
    other names.
    """
    region = REGION_IN_ADDRESS.search(resource.address)
    if region:
        return region.group().replace("_", "-")
    return resource.region if without_region(resource.address) != resource.address else None


def _differences(
    resources: ResourceSet,
    first: tuple[str, Resource],
    other: tuple[str, Resource],
    expected: DesignExpectation | None,
) -> Iterator[Finding]:
    (first_region, model), (region, resource) = first, other
    is_ours = is_our_stack(resource.stack, expected)
    ignored = _IGNORED | _IGNORED_OF.get(resource.type, frozenset())
    for argument in sorted({*model.values, *resource.values} - ignored):
        values = _value(model, argument), _value(resource, argument)
        is_same_list = _is_regions(values[0]) and values[0] == values[1]
        are_alike = all(map(_are_addresses, values)) or _are_certificates(argument, *values)
        if is_same_list or are_alike:
            continue
        if _normal(resources, model, first_region, values[0]) != _normal(
            resources, resource, region, values[1]
        ):
            yield finding_at(
                resource,
                DEVICE_PATH,
                f"{argument} is {_shown(values[1])} in {region}, and {_shown(values[0])} in"
                f" {first_region} ({model.id}). After a failover devices, messages or health"
                " checks would meet the difference: make both equal but for the region.",
                Verdict.BLOCK if is_ours else Verdict.WARN,
            )


def _value(resource: Resource, argument: str) -> Json:
    """Return an argument's value, or its default if that is not written out."""
    value = resource.values.get(argument)
    return _DEFAULTS.get((resource.type, argument)) if value is None else value


def _normal(resources: ResourceSet, resource: Resource, region: str, value: Json) -> Json:
    """Return a value in a form that corresponding resources of all regions share.

    Regions and references are replaced, tags and descriptions left out, JSON texts such as
    policies parsed, and numbers and flags written as texts, as Terraform converts them.
    """
    if isinstance(value, str):
        # A plan has the value where the configuration has a reference.
        value = resource.origins.get(value, value)
        if (parsed := _parsed(value)) is not None:
            # A text may be nested more deeply than a document, and is then compared as it is.
            with suppress(RecursionError):
                return _normal(resources, resource, region, parsed)
        for reference in references(value):
            referenced = resources.referenced(resource, f"${{{reference}}}")
            # Of a resource that is not declared here, only the address can correspond.
            name = referenced.address if referenced else reference
            value = value.replace(reference, _SIDE.sub("", without_region(name)))
        return _roles(value, region)
    if isinstance(value, list):
        entries = cast("list[Json]", value)
        return [_normal(resources, resource, region, entry) for entry in entries]
    if isinstance(value, dict):
        return {
            _roles(key, region): _normal(resources, resource, region, entry)
            for key, entry in mapping(value).items()
            if key not in _IGNORED
        }
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value


def _parsed(text: str) -> Json:
    """Return the object or list of a JSON text, None for any other text."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _roles(text: str, own: str) -> str:
    """Return a text with `{own}` or `{other}` for each region in it, sorted in a list of regions.

    All regions of a platform, separated by commas, are the same list in each of them.
    """

    def role(region: re.Match[str]) -> str:
        return "{own}" if region.group().replace("_", "-") == own else "{other}"

    entries = text.split(",")
    if all(map(is_region, entries)):
        entries.sort(key=own.__ne__)
    return REGION_IN_ADDRESS.sub(role, ",".join(entries))


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


def _are_certificates(argument: str, first: Json, other: Json) -> bool:
    """Whether both are as many certificates of AWS IoT, at least one of them given by its ARN.

    ARNs of two regions never correspond, and do not show what the certificates cover.
    """
    if argument != "server_certificate_arns" or not (is_sequence(first) and is_sequence(other)):
        return False
    has_literal = any("${" not in str(entry) for entry in (*first, *other))
    return bool(first) and len(first) == len(other) and has_literal


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
)

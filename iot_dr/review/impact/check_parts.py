"""What must be there for what a health check asks to answer."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeVar

from iot_dr.review.impact.check_sight import Key, key_of
from iot_dr.review.impact.states import states
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.json_value import text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_FUNCTION: Final = "aws_lambda_function"
_PERMISSION: Final = "aws_lambda_permission"
_GATEWAY: Final = "apigateway.amazonaws.com"
# The argument that tells the name by which a checker asks it.
_HOSTS: Final = {
    "aws_apigatewayv2_api": "api_endpoint",
    "aws_apigatewayv2_domain_name": "domain_name",
    "aws_api_gateway_domain_name": "domain_name",
    "aws_cloudfront_distribution": "domain_name",
    "aws_lambda_function_url": "function_url",
    "aws_lb": "dns_name",
}
# The argument that tells what it is a part of.
_WHOLE: Final = {
    "aws_apigatewayv2_integration": "api_id",
    "aws_apigatewayv2_route": "api_id",
    "aws_apigatewayv2_stage": "api_id",
    "aws_apigatewayv2_api_mapping": "domain_name",
    _PERMISSION: "function_name",
}
# The argument that tells what it asks itself.
_ASKED: Final = {
    "aws_apigatewayv2_integration": "integration_uri",
    "aws_apigatewayv2_api_mapping": "api_id",
    "aws_lambda_function_url": "function_name",
}
_PARTS: Final = frozenset((*_HOSTS, *_WHOLE, *_ASKED, _FUNCTION))
_NAMING: Final = ("id", "arn", "invoke_arn", "function_name", "domain_name")
_T = TypeVar("_T")
_Identity = tuple[str, str | None, str]
"""A stack, a region, and what tells a resource there."""


def checks_by_part(
    resources: ResourceSet, managed: Iterable[Resource]
) -> Mapping[Key, tuple[Resource, ...]]:
    """Give the checks by each resource that must be there for what they ask to answer."""
    every = sorted(managed, key=key_of)
    known = [each for each in every if each.type in _PARTS and not _is_others(each)]
    hosts = _indexed((host, each) for each in known for host in _hosts(each))
    named = _indexed((identity, each) for each in known for identity in _named(each, *_NAMING))
    parts = _indexed(
        (identity, each)
        for each in known
        if each.type in _WHOLE
        for identity in _named(each, _WHOLE[each.type])
    )
    found: defaultdict[Key, list[Resource]] = defaultdict(list)
    for check in (each for each in every if each.type == CHECK):
        value = check.values.get("fqdn") if check.is_there else None
        waiting = [*hosts.get(dns_name(text(value)), ()), *resources.candidates(check, value)]
        met = set[Key]()
        while waiting:
            each = waiting.pop()
            if key_of(each) in met or each.type not in _PARTS:
                continue
            met.add(key_of(each))
            found[key_of(each)].append(check)
            for identity in _named(each, *_NAMING):
                waiting += parts.get(identity, ())
            for identity in _named(each, _ASKED.get(each.type, "")):
                waiting += named.get(identity, ())
    return {key: tuple(checks) for key, checks in found.items()}


def _indexed(pairs: Iterable[tuple[_T, Resource]]) -> Mapping[_T, Iterable[Resource]]:
    found: defaultdict[_T, dict[Key, Resource]] = defaultdict(dict)
    for key, resource in pairs:
        found[key][key_of(resource)] = resource
    return {key: each.values() for key, each in found.items()}


def _is_others(resource: Resource) -> bool:
    """Tell whether it lets somebody else call a function, and not an API."""
    return resource.type == _PERMISSION and all(
        each.get("principal") != _GATEWAY for each in states(resource)
    )


def _hosts(resource: Resource) -> Iterator[str]:
    for values in states(resource):
        if told := text(values.get(_HOSTS.get(resource.type, ""))):
            yield dns_name(told.removeprefix("https://").partition("/")[0])


def _named(resource: Resource, *arguments: str) -> Iterator[_Identity]:
    for values in states(resource):
        for argument in arguments:
            if told := text(values.get(argument)):
                yield resource.stack, resource.region, told

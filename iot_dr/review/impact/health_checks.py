"""Health checks and alarms before and after a plan: which records use them, what they depend on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from iot_dr.design.http_api import GATEWAY
from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import mapping, text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

Key = tuple[str, str]
"""A resource's stack and address."""

# A limit against cycles in a document.
_MAX_CHECKS: Final = 32
ALARM: Final = "aws_cloudwatch_metric_alarm"
_FUNCTION: Final = "aws_lambda_function"
_PERMISSION: Final = "aws_lambda_permission"
# The attribute with the host name of an endpoint.
_HOSTS: Final = {
    "aws_apigatewayv2_api": "api_endpoint",
    "aws_apigatewayv2_domain_name": "domain_name",
    "aws_api_gateway_domain_name": "domain_name",
    "aws_cloudfront_distribution": "domain_name",
    "aws_lambda_function_url": "function_url",
    "aws_lb": "dns_name",
}
# The argument that refers to the parent resource.
_PARENTS: Final = {
    "aws_apigatewayv2_integration": "api_id",
    "aws_apigatewayv2_route": "api_id",
    "aws_apigatewayv2_stage": "api_id",
    "aws_apigatewayv2_api_mapping": "domain_name",
    _PERMISSION: "function_name",
}
# The argument that refers to the resource that answers the request.
_BACKENDS: Final = {
    "aws_apigatewayv2_integration": "integration_uri",
    "aws_apigatewayv2_api_mapping": "api_id",
    "aws_lambda_function_url": "function_name",
}
_ENDPOINT_TYPES: Final = frozenset((*_HOSTS, *_PARENTS, *_BACKENDS, _FUNCTION))
_IDENTIFIERS: Final = ("id", "arn", "invoke_arn", "function_name", "domain_name")
_T = TypeVar("_T")
_Identity = tuple[str, str | None, str]
"""A stack, a region, and an identifier that is unique there."""
_ByIdentity = Mapping[_Identity, Iterable[Resource]]


class HealthChecks:
    """Health checks by id, or by the reference to a check that does not exist yet."""

    def __init__(self, checks: Iterable[Resource]) -> None:
        self._by_identity: dict[str, Resource] = {}
        self._parents_before: defaultdict[Key, list[Resource]] = defaultdict(list)
        in_order = sorted(checks, key=key_of)
        for check in in_order:
            for identity in _identities(check):
                self._by_identity.setdefault(identity, check)
        for check in in_order:
            for child_id in texts(_before(check).get("child_healthchecks")):
                if child := self._by_identity.get(child_id):
                    self._parents_before[key_of(child)].append(check)

    def find(self, identity: str) -> Resource | None:
        """Return the health check with an id or reference; None if it is not in these plans."""
        return self._by_identity.get(identity)

    def label(self, identity: str) -> str:
        """Return how to refer to the health check with an id or reference in a sentence."""
        if not identity:
            return "no health check"
        check = self.find(identity)
        return check_label(check) if check else "a health check outside these plans"

    def with_parents_before(self, check: Resource) -> Iterator[Key]:
        """Yield the keys of a check and of all calculated checks above it, before the apply."""
        pending, visited = [key_of(check)], set[Key]()
        while pending and len(visited) < _MAX_CHECKS:
            key = pending.pop()
            if key not in visited:
                visited.add(key)
                yield key
                pending += (key_of(parent) for parent in self._parents_before.get(key, ()))


def key_of(resource: Resource) -> Key:
    """Return the stack and address of a resource."""
    return resource.stack, resource.address


def check_label(check: Resource) -> str:
    """Return `the health check NAME`, with the `Name` tag or else the Terraform name."""
    for values in (check.values, _before(check)):
        for tags in ("tags", "tags_all"):
            if name := text(mapping(values.get(tags)).get("Name")):
                return f"the health check {name}"
    return f"the health check {check.name}"


def _identities(check: Resource) -> Iterator[str]:
    for values in (_before(check), check.values):
        if check_id := text(values.get("id")):
            yield check_id
    yield f"{check.stack}/{check.address}.id"


def _before(check: Resource) -> Mapping[str, Any]:
    return (check.change.before if check.change else None) or {}


class Alarms:
    """CloudWatch alarms by name, and the health checks that follow them.

    Alarms and checks that the plans destroy are included.
    """

    def __init__(
        self, resources: ResourceSet, alarms: Iterable[Resource], checks: Iterable[Resource]
    ) -> None:
        self._by_name: defaultdict[str, list[Resource]] = defaultdict(list)
        for alarm in alarms:
            for name in {text(values.get("alarm_name")) for values in alarm.states}:
                self._by_name[name].append(alarm)
        self._followers: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for check in checks:
            followed = {
                (
                    text(resources.resolve(check, values.get("cloudwatch_alarm_name"))),
                    text(values.get("cloudwatch_alarm_region")),
                )
                for values in check.states
            }
            for name_and_region in followed:
                self._followers[name_and_region].append(check)

    def named(self, name: str) -> tuple[Resource, ...]:
        """Return the alarms with a name, in any region."""
        return tuple(self._by_name.get(name, ()))

    def checks_following(self, alarm: Resource, name: str) -> tuple[Resource, ...]:
        """Return the health checks that follow an alarm under a name."""
        if not name:
            return ()
        # A check whose alarm region is unknown may follow this alarm.
        followed = [(name, region) for region in ("", alarm.region or "")]
        return tuple(check for key in followed for check in self._followers.get(key, ()))


def checks_by_endpoint(
    resources: ResourceSet, managed: Iterable[Resource]
) -> Mapping[Key, tuple[Resource, ...]]:
    """Return, for each resource behind an endpoint, the health checks of that endpoint.

    Follows a check's `fqdn` to an API, load balancer, distribution or function URL, and on to its
    parts and backends.
    """
    in_order = sorted(managed, key=key_of)
    endpoint_resources = [
        resource
        for resource in in_order
        if resource.type in _ENDPOINT_TYPES and not _is_other_permission(resource)
    ]
    by_host = _indexed(
        (host, resource) for resource in endpoint_resources for host in _hosts(resource)
    )
    by_identity = _indexed(
        (identity, resource)
        for resource in endpoint_resources
        for identity in _references(resource, *_IDENTIFIERS)
    )
    parts = _indexed(
        (identity, resource)
        for resource in endpoint_resources
        if resource.type in _PARENTS
        for identity in _references(resource, _PARENTS[resource.type])
    )
    checks: defaultdict[Key, list[Resource]] = defaultdict(list)
    for check in (each for each in in_order if each.type == CHECK):
        fqdn = check.values.get("fqdn") if check.exists else None
        asked = *by_host.get(dns_name(text(fqdn)), ()), *resources.candidates(check, fqdn)
        for key in _behind(asked, parts, by_identity):
            checks[key].append(check)
    return {key: tuple(of_endpoint) for key, of_endpoint in checks.items()}


def _behind(
    asked: Iterable[Resource], parts: _ByIdentity, by_identity: _ByIdentity
) -> Iterator[Key]:
    """Yield the resources that a check asks, each once: their parts and backends too."""
    pending = list(asked)
    visited = set[Key]()
    while pending:
        resource = pending.pop()
        key = key_of(resource)
        if key in visited or resource.type not in _ENDPOINT_TYPES:
            continue
        visited.add(key)
        yield key
        for identity in _references(resource, *_IDENTIFIERS):
            pending += parts.get(identity, ())
        for identity in _references(resource, _BACKENDS.get(resource.type, "")):
            pending += by_identity.get(identity, ())


def _indexed(pairs: Iterable[tuple[_T, Resource]]) -> Mapping[_T, Iterable[Resource]]:
    index: defaultdict[_T, dict[Key, Resource]] = defaultdict(dict)
    for key, resource in pairs:
        index[key][key_of(resource)] = resource
    return {key: by_key.values() for key, by_key in index.items()}


def _is_other_permission(resource: Resource) -> bool:
    """Whether it is a Lambda permission for a principal other than API Gateway."""
    return resource.type == _PERMISSION and all(
        values.get("principal") != GATEWAY for values in resource.states
    )


def _hosts(resource: Resource) -> Iterator[str]:
    for values in resource.states:
        if value := text(values.get(_HOSTS.get(resource.type, ""))):
            yield dns_name(value.removeprefix("https://").partition("/")[0])


def _references(resource: Resource, *arguments: str) -> Iterator[_Identity]:
    for values in resource.states:
        for argument in arguments:
            if value := text(values.get(argument)):
                yield resource.stack, resource.region, value

"""The health checks of a set before and after its plans: what asks them, and what they need."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from iot_dr.route53.terraform_records import CHECK
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import mapping, text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

Key = tuple[str, str]
"""A resource's stack and address."""

# Checks that add up checks do not nest in AWS; a document may go round in circles.
_DEEPEST: Final = 32
ALARM: Final = "aws_cloudwatch_metric_alarm"
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


class HealthChecks:
    """Health checks by what identifies them: an id, or the path to one that is not made yet."""

    def __init__(self, resources: ResourceSet, checks: Iterable[Resource]) -> None:
        self._by_identity: dict[str, Resource] = {}
        self._parents_before: defaultdict[Key, list[Resource]] = defaultdict(list)
        self._parents_after: defaultdict[Key, list[Resource]] = defaultdict(list)
        found = sorted(checks, key=key_of)
        for check in found:
            for identity in _identities(check):
                self._by_identity.setdefault(identity, check)
        for check in found:
            for child in texts(_before(check).get("child_healthchecks")):
                if known := self._by_identity.get(child):
                    self._parents_before[key_of(known)].append(check)
            if check.exists:
                for child in _children(resources, check):
                    self._parents_after[key_of(child)].append(check)

    def find(self, identity: str) -> Resource | None:
        """Return the check that a record asks by this; None where it is not in the set."""
        return self._by_identity.get(identity)

    def words(self, identity: str) -> str:
        """Name the check that a record asks."""
        if not identity:
            return "no check"
        found = self.find(identity)
        return called(found) if found else "a check of elsewhere"

    def above(self, check: Resource, *, is_after: bool) -> Iterator[Key]:
        """Yield a check and all that add it up."""
        parents = self._parents_after if is_after else self._parents_before
        waiting, met = [key_of(check)], set[Key]()
        while waiting and len(met) < _DEEPEST:
            each = waiting.pop()
            if each not in met:
                met.add(each)
                yield each
                waiting += (key_of(parent) for parent in parents.get(each, ()))


def key_of(resource: Resource) -> Key:
    """Return what tells a resource from all others of a set."""
    return resource.stack, resource.address


def called(check: Resource) -> str:
    """Return a check's name: its tag, else that of its resource."""
    for values in (check.values, _before(check)):
        for tags in ("tags", "tags_all"):
            if name := text(mapping(values.get(tags)).get("Name")):
                return f"the health check {name}"
    return f"the health check {check.name}"


def _identities(check: Resource) -> Iterator[str]:
    for values in (_before(check), check.values):
        if known := text(values.get("id")):
            yield known
    yield f"{check.stack}/{check.address}.id"


def _before(check: Resource) -> Mapping[str, Any]:
    return (check.change.before if check.change else None) or {}


def _children(resources: ResourceSet, check: Resource) -> Iterator[Resource]:
    for child in texts(check.values.get("child_healthchecks")):
        yield from (each for each in resources.candidates(check, child) if each.type == CHECK)


class Alarms:
    """Alarms by name, and the checks that follow them, those that go included."""

    def __init__(
        self, resources: ResourceSet, alarms: Iterable[Resource], checks: Iterable[Resource]
    ) -> None:
        self._named: defaultdict[str, list[Resource]] = defaultdict(list)
        for alarm in alarms:
            for name in {text(values.get("alarm_name")) for values in alarm.states}:
                self._named[name].append(alarm)
        self._following: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
        for check in checks:
            places = {
                (
                    text(resources.resolve(check, values.get("cloudwatch_alarm_name"))),
                    text(values.get("cloudwatch_alarm_region")),
                )
                for values in check.states
            }
            for place in places:
                self._following[place].append(check)

    def named(self, name: str) -> tuple[Resource, ...]:
        """Return the alarms of a name."""
        return tuple(self._named.get(name, ()))

    def checks_on(self, alarm: Resource, name: str) -> tuple[Resource, ...]:
        """Return the checks that follow an alarm of a name."""
        if not name:
            return ()
        places = [(name, region) for region in ("", alarm.region or "")]
        return tuple(each for place in places for each in self._following.get(place, ()))


def checks_by_part(
    resources: ResourceSet, managed: Iterable[Resource]
) -> Mapping[Key, tuple[Resource, ...]]:
    """Return the checks by each resource that must be there for what they ask to answer."""
    every = sorted(managed, key=key_of)
    known = [each for each in every if each.type in _PARTS and not _is_others(each)]
    hosts = _indexed((host, each) for each in known for host in _hosts(each))
    named = _indexed((identity, each) for each in known for identity in _identified(each, *_NAMING))
    parts = _indexed(
        (identity, each)
        for each in known
        if each.type in _WHOLE
        for identity in _identified(each, _WHOLE[each.type])
    )
    found: defaultdict[Key, list[Resource]] = defaultdict(list)
    for check in (each for each in every if each.type == CHECK):
        value = check.values.get("fqdn") if check.exists else None
        waiting = [*hosts.get(dns_name(text(value)), ()), *resources.candidates(check, value)]
        met = set[Key]()
        while waiting:
            each = waiting.pop()
            if key_of(each) in met or each.type not in _PARTS:
                continue
            met.add(key_of(each))
            found[key_of(each)].append(check)
            for identity in _identified(each, *_NAMING):
                waiting += parts.get(identity, ())
            for identity in _identified(each, _ASKED.get(each.type, "")):
                waiting += named.get(identity, ())
    return {key: tuple(checks) for key, checks in found.items()}


def _indexed(pairs: Iterable[tuple[_T, Resource]]) -> Mapping[_T, Iterable[Resource]]:
    found: defaultdict[_T, dict[Key, Resource]] = defaultdict(dict)
    for key, resource in pairs:
        found[key][key_of(resource)] = resource
    return {key: each.values() for key, each in found.items()}


def _is_others(resource: Resource) -> bool:
    """Whether it lets somebody else call a function, and not an API."""
    return resource.type == _PERMISSION and all(
        each.get("principal") != _GATEWAY for each in resource.states
    )


def _hosts(resource: Resource) -> Iterator[str]:
    for values in resource.states:
        if value := text(values.get(_HOSTS.get(resource.type, ""))):
            yield dns_name(value.removeprefix("https://").partition("/")[0])


def _identified(resource: Resource, *arguments: str) -> Iterator[_Identity]:
    for values in resource.states:
        for argument in arguments:
            if value := text(values.get(argument)):
                yield resource.stack, resource.region, value

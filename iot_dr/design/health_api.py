"""A health check that requests an HTTP API of API Gateway: whether it passes, and what fails it."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from iot_dr.design.design import Fault, FaultKind, Probe
from iot_dr.design.iot import iot_faults, serving_problem
from iot_dr.design.notes import Notes
from iot_dr.design.permissions import invocation_permissions, is_function, may
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.route53.terraform_records import Destination, declared_names
from iot_dr.terraform_json.argument import (
    is_true,
    known_dns_name,
    resolved_text,
    resolved_upper,
    whole_number,
)
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.expression import literal, parts, references
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_CANARY: Final = "functions.canary."
_STAGE: Final = "aws_apigatewayv2_stage"
_ROUTE: Final = "aws_apigatewayv2_route"
_INTEGRATION: Final = "aws_apigatewayv2_integration"
_FUNCTION: Final = "aws_lambda_function"
_FUNCTION_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+")
_VARIABLE: Final = re.compile(r"(\{[^{}]+\})")
_HTTPS: Final = 443
_OWN: Final = (FaultKind.REGION, FaultKind.API, FaultKind.FUNCTION)
_OF_IOT: Final = (FaultKind.IOT, FaultKind.SILENT_IOT, FaultKind.CERTIFICATE)


def read_api(resources: ResourceSet, check: DeclaredCheck, api: Resource, notes: Notes) -> Probe:
    """Return the probe of a check that requests an API.

    Another function than the canary is assumed to fail whenever a device cannot connect in the
    API's region.
    """
    reader = _Reader(resources, check, api)
    region = api.region or api.id
    function = reader.function()
    faults = {Fault(region, kind) for kind in _OWN}
    problem = reader.problem() or ""
    if function and _handler(resources, function).startswith(_CANARY):
        published, unserved = _published(resources, function)
        faults |= published
        problem = problem or unserved
        if text := check.resource.values.get("search_string"):
            notes.add(
                f"{check.resource.address} is assumed to find {text} in the answer of"
                f" {function.address}"
            )
    else:
        faults |= {Fault(region, kind) for kind in _OF_IOT}
        what = function.address if function else check.resource.address
        notes.add(f"{what} is assumed to fail whenever a device cannot connect in {region}")
    return Probe(check=check.id, place=region, fails_on=frozenset(faults), problem=problem)


class _Reader:
    """Follows a request from the check through the API to its function."""

    def __init__(self, resources: ResourceSet, check: DeclaredCheck, api: Resource) -> None:
        self._resources, self._check, self._api = resources, check.resource, api
        self._type = check.type

    def problem(self) -> str | None:
        """Return why every request fails, None if nothing known makes it fail."""
        return self._transport() or self._endpoint() or self._routing() or self._invocation()

    def function(self) -> Resource | None:
        """Return the function that answers the check's path; None if it is not known."""
        if self._api.values.get("target"):
            return self._function(self._api, "target")
        integration = self._integration()
        return self._function(integration, "integration_uri") if integration else None

    def _transport(self) -> str | None:
        values = self._check.values
        if not self._type.startswith("HTTPS"):
            return f"API Gateway serves HTTPS alone, and this check is of type {self._type}"
        # assumed: AWS documents SNI as a need of some endpoints, not of API Gateway by name:
        # `EnableSNI` in docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
        if str(self._resources.resolve(self._check, values.get("enable_sni"))).lower() == "false":
            return "API Gateway needs the server name in the TLS handshake (enable_sni)"
        port = whole_number(self._resources.resolve(self._check, values.get("port")))
        return f"API Gateway does not serve port {port}" if port not in {None, _HTTPS} else None

    def _endpoint(self) -> str | None:
        """docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-endpoint.html."""
        address = self._api.address
        if is_true(self._resources, self._api, "disable_execute_api_endpoint"):
            return f"the default endpoint of {address} is disabled"
        protocol = resolved_upper(self._resources, self._api, self._api.values.get("protocol_type"))
        return f"{address} is a WebSocket API" if protocol == "WEBSOCKET" else None

    def _routing(self) -> str | None:
        if self._api.values.get("target"):
            return self._quick_create()
        if not any(self._of_api(_STAGE)):
            return f"{self._api.address} has no stage"
        stages, route = self._stages(), self._route()
        if not stages:
            return f"no stage of {self._api.address} serves its path"
        if route is None:
            # The routes of an OpenAPI document are not read.
            is_known = not self._api.values.get("body")
            return f"no route of {self._api.address} serves its path" if is_known else None
        return self._authorization(route) or self._throttling(stages[0][0], route)

    def _authorization(self, route: Resource) -> str | None:
        authorization = resolved_text(
            self._resources, route, route.values.get("authorization_type")
        )
        if authorization not in {None, "NONE"}:
            return f"{route.address} wants an authorization ({authorization})"
        if self._integration() is None and not self._may_have_integration(route):
            return f"{route.address} has no integration"
        return None

    def _quick_create(self) -> str | None:
        """An API with a target has a stage `$default` and one route, `$default` by default.

        docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html (routeKey, target).
        """
        key = self._resources.resolve(self._api, self._api.values.get("route_key") or "$default")
        is_served = _rank(key, self._path()) is not None or any(self._of_api(_ROUTE))
        return None if is_served else f"the route {key} of {self._api.address} serves another path"

    def _throttling(self, stage: Resource, route: Resource) -> str | None:
        """docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html."""
        settings = dict(block(stage.values, "default_route_settings") or {})
        key = self._resources.resolve(route, route.values.get("route_key"))
        for of_route in blocks(stage.values, "route_settings"):
            if self._resources.resolve(stage, of_route.get("route_key")) == key:
                settings |= {name: value for name, value in of_route.items() if value is not None}
        for limit in ("throttling_rate_limit", "throttling_burst_limit"):
            if whole_number(self._resources.resolve(stage, settings.get(limit))) == 0:
                return f"{stage.address} admits no request of {route.address} ({limit} is 0)"
        return None

    def _invocation(self) -> str | None:
        function = self.function()
        if function is None:
            return None
        if str(function.values.get("reserved_concurrent_executions")) == "0":
            return f"the reserved concurrency of {function.address} is 0"
        integration = self._integration()
        if any(part and part.values.get("credentials_arn") for part in (integration, self._api)):
            return None
        permissions = invocation_permissions(self._resources, function, "apigateway.amazonaws.com")
        if not any(map(self._is_for_api, permissions)):
            return f"no permission lets API Gateway invoke {function.address}"
        return None

    def _is_for_api(self, permission: Resource) -> bool:
        """Whether the source of a permission is this API, any, or not known."""
        value = permission.values.get("source_arn")
        if not value:
            return True
        referred = self._resources.referenced(permission, value)
        if referred is not None:
            api = self._resources.referenced(referred, referred.values.get("api_id"))
            return self._api.id in {referred.id, api.id if api else None}
        arn = literal(self._resources.resolve(permission, value))
        if arn is None or not arn.startswith("arn:"):
            return True
        # arn:PARTITION:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH
        _, _, service, region, _, named, *_ = [*arn.split(":", 5), "", "", "", "", ""]
        id_ = self._api.values.get("id")
        return (
            service == "execute-api"
            and region in {self._api.region, "*"}
            and named.split("/", maxsplit=1)[0] in {"*", id_}
        )

    def _path(self) -> str:
        """Return the path that the check requests, without a query string."""
        values = self._check.values
        path = self._resources.resolve(self._check, values.get("resource_path") or "/")
        result = ""
        for part in parts(str(path)):
            before, is_query, _ = part.text.partition("?")
            if is_query and not part.is_expression:
                return result + before
            result += part.text
        return result

    def _stages(self) -> list[tuple[Resource, str]]:
        """Return the stages that may serve the path, each with the path below it, best first.

        A stage other than `$default` is the first segment of its paths:
        docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html.
        """
        path = self._path()
        default, named = list[tuple[Resource, str]](), list[tuple[Resource, str]]()
        for stage in self._of_api(_STAGE):
            name = str(self._resources.resolve(stage, stage.values.get("name")))
            if name == "$default":
                default.append((stage, path))
            elif f"{path}/".startswith(f"/{name}/"):
                named.append((stage, path.removeprefix(f"/{name}") or "/"))
            elif "/" in name or literal(name) is None:
                default.append((stage, path))
        return [*named, *default]

    def _route(self) -> Resource | None:
        """Return the most specific route that serves the path."""
        served = list[tuple[tuple[int, ...], Resource]]()
        for _, path in self._stages()[:1]:
            for route in self._of_api(_ROUTE):
                key = self._resources.resolve(route, route.values.get("route_key"))
                rank = _rank(key, path)
                if rank is not None:
                    served.append((rank, route))
        return min(served, key=itemgetter(0))[1] if served else None

    def _integration(self) -> Resource | None:
        route = self._route()
        return self._referred(route, "target", _INTEGRATION)

    def _may_have_integration(self, route: Resource) -> bool:
        """Whether the target of a route may be an integration that is not known by reference."""
        target = route.values.get("target")
        if any(name.startswith(_INTEGRATION) for name in references(target)):
            return False
        return bool(target) and any(self._of_api(_INTEGRATION))

    def _of_api(self, type_: str) -> Iterator[Resource]:
        for resource in self._resources.of_type(type_):
            api = self._resources.referenced(resource, resource.values.get("api_id"))
            if api and api.id == self._api.id:
                yield resource

    def _function(self, resource: Resource, argument: str) -> Resource | None:
        """Return the function that an argument refers to or contains the ARN of."""
        if referred := self._referred(resource, argument, _FUNCTION):
            return referred
        arn = _FUNCTION_ARN.search(str(resource.values.get(argument)))
        for function in self._resources.of_type(_FUNCTION) if arn else ():
            if arn and is_function(self._resources, resource, arn.group(), function):
                return function
        return None

    def _referred(self, resource: Resource | None, argument: str, type_: str) -> Resource | None:
        value = resource.values.get(argument) if resource else None
        for reference in references(value):
            referred = (
                self._resources.referenced(resource, f"${{{reference}}}") if resource else None
            )
            if referred and referred.type == type_:
                return referred
        return None


def _rank(key: Json, path: str) -> tuple[int, ...] | None:
    """Return how general a route is that answers a GET of a path; None if it does not.

    A key that is not known may be equal.
    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html.
    """
    if not isinstance(key, str) or " " not in key:
        return (3, 0, 0)
    method, _, pattern = key.partition(" ")
    if method not in {"GET", "ANY"}:
        return None
    is_any = int(method == "ANY")
    if pattern == path:
        return (0, 0, is_any)
    expression, variables, is_greedy = "", 0, 0
    for part in parts(pattern):
        if part.is_expression:
            expression += re.escape(part.text)
            continue
        for text in _VARIABLE.split(part.text):
            is_variable = text.startswith("{")
            variables += is_variable
            is_greedy |= text.endswith("+}")
            expression += _variable(text) if is_variable else re.escape(text)
    return (1 + is_greedy, variables, is_any) if re.fullmatch(expression, path) else None


def _variable(text: str) -> str:
    return ".*" if text.endswith("+}") else "[^/]+"


def _published(resources: ResourceSet, function: Resource) -> tuple[set[Fault], str]:
    """Return the faults with which the canary's message fails, and why it always fails.

    The reason is empty if it can pass.
    """
    variables = mapping((block(function.values, "environment") or {}).get("variables"))
    host = variables.get("CANARY_HOST")
    steps = declared_names(resources).steps(function, "CANARY_HOST", host)
    ends = [step for step in steps if isinstance(step, Destination)]
    if len(ends) != 1 or not ends[0].is_iot or not ends[0].region:
        return set(), f"{function.address} publishes to no name of AWS IoT"
    name = known_dns_name(resources, function, "CANARY_HOST", host) or ""
    region = ends[0].region
    if not may(resources, function, "iot:Publish"):
        return set(), f"the role of {function.address} does not allow iot:Publish"
    return set(iot_faults(resources, name, region)), serving_problem(resources, name, region)


def _handler(resources: ResourceSet, function: Resource) -> str:
    return resolved_text(resources, function, function.values.get("handler")) or ""

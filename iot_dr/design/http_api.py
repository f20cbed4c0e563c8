"""An HTTP API of API Gateway: which function answers a path, and why none does."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from iot_dr.design.functions import function_problem
from iot_dr.design.permissions import invocation_permissions, is_function
from iot_dr.terraform_json.argument import is_true, resolved_text, resolved_upper, whole_number
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.expression import literal, parts, references
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_STAGE: Final = "aws_apigatewayv2_stage"
_ROUTE: Final = "aws_apigatewayv2_route"
_INTEGRATION: Final = "aws_apigatewayv2_integration"
_FUNCTION: Final = "aws_lambda_function"
_FUNCTION_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+")
_VARIABLE: Final = re.compile(r"(\{[^{}]+\})")


class HttpApi:
    """An `aws_apigatewayv2_api`, and a GET of one path of it, without a query string."""

    def __init__(self, resources: ResourceSet, api: Resource, path: str) -> None:
        self._resources, self._api, self._path = resources, api, path

    def problem(self) -> str | None:
        """Return why every such request fails, None if nothing known makes it fail."""
        return self._endpoint() or self._routing() or self._invocation()

    def function(self) -> Resource | None:
        """Return the function that answers the path; None if it is not known."""
        if self._api.values.get("target"):
            return self._function(self._api, "target")
        integration = self._integration()
        return self._function(integration, "integration_uri") if integration else None

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
        is_served = _rank(key, self._path) is not None or any(self._of_api(_ROUTE))
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
        if problem := function_problem(self._resources, function):
            return problem
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

    def _stages(self) -> list[tuple[Resource, str]]:
        """Return the stages that may serve the path, each with the path below it, best first.

        A stage other than `$default` is the first segment of its paths:
        docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html.
        """
        path = self._path
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
            is_there = resource.region in {self._api.region, None}
            if api and api.id == self._api.id and is_there:
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

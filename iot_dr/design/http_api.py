"""Reader of the HTTP APIs of API Gateway."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from iot_dr.design.api_reply import DEFAULT, UNKNOWN_SOURCE, ApiRoute, ApiStage, HttpApi
from iot_dr.design.arguments import inferred_arguments, unread_arguments
from iot_dr.design.permissions import invocation_permissions, is_function
from iot_dr.terraform_json.argument import (
    is_true,
    may_be_true,
    resolved_template,
    resolved_upper,
    whole_number,
)
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.expression import OF_RESOURCE, parts, references
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.function_limits import CHECKERS

API: Final = "aws_apigatewayv2_api"
_STAGE: Final = "aws_apigatewayv2_stage"
_ROUTE: Final = "aws_apigatewayv2_route"
_INTEGRATION: Final = "aws_apigatewayv2_integration"
_FUNCTION: Final = "aws_lambda_function"
_FUNCTION_ARN: Final = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+")
# Each checker asks every 10 seconds at most.
_LEAST: Final = {"throttling_rate_limit": 2, "throttling_burst_limit": CHECKERS}
# Milliseconds: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
_LONGEST: Final = 30_000
GATEWAY: Final = "apigateway.amazonaws.com"
# Of a permission for one API: ARN_OF_API/STAGE/METHOD/PATH.
_ANY: Final = "*"

# Arguments of each type that are read here, or have no influence on the answer to a request.
_ARGUMENTS: Final = {
    API: frozenset(
        (
            *("name", "description", "version", "protocol_type", "ip_address_type"),
            *("disable_execute_api_endpoint", "target", "route_key", "cors_configuration"),
            *("api_endpoint", "execution_arn", "fail_on_warnings", "api_key_selection_expression"),
        )
    ),
    _STAGE: frozenset(
        (
            *("api_id", "name", "description", "auto_deploy", "deployment_id", "invoke_url"),
            *("default_route_settings", "route_settings", "access_log_settings", "execution_arn"),
        )
    ),
    _ROUTE: frozenset(
        ("api_id", "route_key", "target", "operation_name", "authorization_type", "authorizer_id")
    ),
    _INTEGRATION: frozenset(
        (
            *("api_id", "description", "integration_uri", "payload_format_version"),
            *("timeout_milliseconds", "integration_response_selection_expression"),
        )
    ),
    "aws_lambda_permission": frozenset(
        (
            *("action", "function_name", "principal", "source_arn", "qualifier"),
            *("statement_id", "statement_id_prefix"),
        )
    ),
}
_FIXED: Final = {
    API: {"route_selection_expression": "$request.method $request.path"},
    _INTEGRATION: {
        "integration_type": "AWS_PROXY",
        "connection_type": "INTERNET",
        "integration_method": "POST",
    },
}
_LINKS: Final = ("api_id", "function_name", "integration_uri", "target", "access_log_settings")


def read_http_api(resources: ResourceSet, api: Resource) -> HttpApi:
    """Return an `aws_apigatewayv2_api` with its stages and routes."""
    return _Reader(resources, api).api()


class _Reader:
    def __init__(self, resources: ResourceSet, api: Resource) -> None:
        self._resources, self._api = resources, api
        self._read = {api.id: api}

    def api(self) -> HttpApi:
        """Read the API and the resources of it."""
        stages, routes = tuple(self._stages()), tuple(self._routes())
        unread = [
            sentence
            for resource in self._read.values()
            for sentence in unread_arguments(
                self._resources,
                resource,
                _ARGUMENTS[resource.type],
                _FIXED.get(resource.type, {}),
            )
        ]
        return HttpApi(
            address=self._api.address,
            stages=stages,
            routes=routes,
            problem=self._problem(),
            # The routes of an OpenAPI document are not read.
            is_known=not self._api.values.get("body"),
            unread=tuple(unread),
            inferred=tuple(
                (resource.address, argument)
                for resource in self._read.values()
                for argument in inferred_arguments(resource, _LINKS)
            ),
        )

    def _problem(self) -> str:
        """docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html."""
        address = self._api.address
        if is_true(self._resources, self._api, "disable_execute_api_endpoint"):
            return f"the default endpoint of {address} is disabled"
        protocol = resolved_upper(self._resources, self._api, self._api.values.get("protocol_type"))
        return f"{address} is a WebSocket API" if protocol == "WEBSOCKET" else ""

    def _stages(self) -> Iterator[ApiStage]:
        """Yield the stages, with a target also `$default`.

        docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html (target, routeKey).
        """
        if self._api.values.get("target"):
            yield ApiStage(address=self._api.address, name=DEFAULT, closing={})
        for stage in self._of_api(_STAGE):
            if self._is_deployed(stage):
                name = resolved_template(self._resources, stage, stage.values.get("name"))
                yield ApiStage(address=stage.address, name=name, closing=self._closing(stage))

    def _is_deployed(self, stage: Resource) -> bool:
        """Whether a stage may have a deployment; in a plan, one may exist already.

        docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html.
        """
        is_known = stage.change is None and not stage.values.get("deployment_id")
        auto = stage.values.get("auto_deploy")
        return not is_known or may_be_true(self._resources.resolve(stage, auto))

    def _closing(self, stage: Resource) -> dict[str, str]:
        """docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html."""
        usual = dict(block(stage.values, "default_route_settings") or {})
        closing = {"": self._limit(stage, usual)}
        for of_route in blocks(stage.values, "route_settings"):
            given = {name: value for name, value in of_route.items() if value is not None}
            key = resolved_template(self._resources, stage, of_route.get("route_key"))
            closing[key] = self._limit(stage, usual | given)
        return closing

    def _limit(self, stage: Resource, settings: Mapping[str, Json]) -> str:
        """Return the first limit that is too low for the checkers of one check, empty without."""
        for argument, least in _LEAST.items():
            number = whole_number(self._resources.resolve(stage, settings.get(argument)))
            if number is not None and number < least:
                return f"{argument} is {number}"
        return ""

    def _routes(self) -> Iterator[ApiRoute]:
        if self._api.values.get("target"):
            key = self._api.values.get("route_key") or DEFAULT
            yield self._route(self._api, key, self._api, "target")
        for route in self._of_api(_ROUTE):
            key = route.values.get("route_key")
            target = str(route.values.get("target"))
            integration = self._known_integration(target) or self._referred(
                route, "target", _INTEGRATION
            )
            # docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html (target).
            if integration and target.startswith(("integrations/", "${")):
                self._read[integration.id] = integration
                yield self._route(route, key, integration, "integration_uri")
            else:
                problem = f"{route.address} has no integration"
                is_unknown = self._may_have_integration(route)
                yield replace(
                    self._route(route, key, None, ""), problem="" if is_unknown else problem
                )

    def _route(
        self, route: Resource, key: Json, integration: Resource | None, argument: str
    ) -> ApiRoute:
        values = integration.values if integration else {}
        function = self._function(integration, argument) if integration else None
        milliseconds = whole_number(values.get("timeout_milliseconds"))
        by_role = bool(values.get("credentials_arn"))
        return ApiRoute(
            key=resolved_template(self._resources, route, key),
            address=route.address,
            function=function.id if function else "",
            sources=tuple(self._sources(function, str(values.get(argument) or "")))
            if function and not by_role
            else (_ANY,),
            authorization=resolved_upper(
                self._resources, route, route.values.get("authorization_type")
            )
            or "NONE",
            problem=self._integration_problem(integration) if function else "",
            seconds=(milliseconds or _LONGEST) / 1000,
        )

    def _integration_problem(self, integration: Resource | None) -> str:
        """Return why an integration does not invoke its function, empty if it may.

        docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
        (integrationType, integrationMethod, connectionType).
        """
        for argument, value in _FIXED[_INTEGRATION].items() if integration else ():
            given = integration.values.get(argument) if integration else None
            word = resolved_upper(self._resources, integration, given) if integration else ""
            if integration and word not in {"", value}:
                return f"the {argument} of {integration.address} is {word}, not {value}"
        return ""

    def _sources(self, function: Resource, invoked: str) -> Iterator[str]:
        """Yield the patterns of stage, method and path that may invoke a function by an ARN.

        docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
        """
        for permission in invocation_permissions(self._resources, function, GATEWAY, invoked):
            self._read[permission.id] = permission
            value = permission.values.get("source_arn")
            yield from self._below(permission, value) if value else (_ANY,)

    def _below(self, permission: Resource, value: Json) -> Iterator[str]:
        """Yield the pattern after the API's ARN in the source of a permission, if it is the API's.

        In ARN:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH.
        """
        text = resolved_template(self._resources, permission, value)
        if not text.startswith("arn:"):
            yield from self._below_reference(permission, text)
            return
        _, _, service, region, _, named, *_ = [*text.split(":", 5), "", "", "", "", ""]
        id_, is_longer, below = named.partition("/")
        is_here = service == "execute-api" and region in {self._api.region, "*"}
        if is_here and id_ in {"*", self._api.values.get("id"), f"${{{self._api.id}.id}}"}:
            yield below if is_longer else (_ANY if id_ == "*" else "")

    def _below_reference(self, permission: Resource, text: str) -> Iterator[str]:
        """Yield what follows a reference to the `execution_arn` of the API, or of its stage."""
        start = parts(text)[0].text
        named = start.removeprefix("${").removesuffix("}").removesuffix(".execution_arn")
        below = text.removeprefix(start).removeprefix("/")
        # A plan of HCL has the references of a template, not its other parts.
        is_partial = "source_arn" in permission.inferred
        stages = {each.id: each.values.get("name") for each in self._of_api(_STAGE)}
        if named == self._api.id:
            yield UNKNOWN_SOURCE if is_partial else below
        elif named in stages:
            yield UNKNOWN_SOURCE if is_partial else f"{stages[named]}/{below}"
        elif not OF_RESOURCE.search(start):
            yield UNKNOWN_SOURCE

    def _known_integration(self, target: str) -> Resource | None:
        """Return the integration of a known target, None of an expression."""
        of_api = self._of_api(_INTEGRATION)
        ids = (each for each in of_api if f"integrations/{each.values.get('id')}" == target)
        return next(ids, None)

    def _may_have_integration(self, route: Resource) -> bool:
        """Whether the target of a route may be an integration that is not known by reference."""
        target = route.values.get("target")
        if any(name.startswith(_INTEGRATION) for name in references(target)):
            return False
        return bool(target) and any(self._of_api(_INTEGRATION))

    def _of_api(self, type_: str) -> Iterator[Resource]:
        for resource in self._resources.of_type(type_):
            api = self._resources.referenced(resource, resource.values.get("api_id"), API)
            is_there = resource.region in {self._api.region, None}
            if api and api.id == self._api.id and is_there:
                self._read[resource.id] = resource
                yield resource

    def _function(self, resource: Resource, argument: str) -> Resource | None:
        """Return the function that an argument contains the ARN of, or refers to."""
        if arn := _FUNCTION_ARN.search(str(resource.values.get(argument))):
            functions = self._resources.of_type(_FUNCTION)
            is_invoked = partial(is_function, self._resources, resource, arn.group())
            return next(filter(is_invoked, functions), None)
        return self._referred(resource, argument, _FUNCTION)

    def _referred(self, resource: Resource, argument: str, type_: str) -> Resource | None:
        value = resource.values.get(argument)
        # A plan after an apply has the value where the configuration has a reference.
        for reference in references(resource.origins.get(str(value), value)):
            referred = self._resources.referenced(resource, f"${{{reference}}}", type_)
            if referred:
                return referred
        return None

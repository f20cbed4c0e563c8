"""A health check that requests an HTTP API of API Gateway: whether it passes, and what fails it."""

from collections.abc import Iterator
from typing import Final

from iot_dr.prover.design import Fault, FaultKind, Probe
from iot_dr.prover.iot import iot_faults, serving_problem
from iot_dr.prover.notes import Notes
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.route53.terraform_records import Destination, declared_names
from iot_dr.terraform_json.argument import known_dns_name, resolved_text, whole_number
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import references
from iot_dr.terraform_json.json_value import Json, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_CANARY: Final = "functions.canary."
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
    else:
        faults |= {Fault(region, kind) for kind in _OF_IOT}
        what = function.address if function else check.resource.address
        notes.add(f"{what} is assumed to fail whenever a device cannot connect in {region}")
    return Probe(
        check=check.id, place=region, fails_on=frozenset(faults), problem=problem, is_deep=True
    )


class _Reader:
    """Follows a request from the check through the API to its function."""

    def __init__(self, resources: ResourceSet, check: DeclaredCheck, api: Resource) -> None:
        self._resources, self._check, self._api = resources, check.resource, api
        self._type = check.type

    def problem(self) -> str | None:
        """Return why every request fails, None if nothing known makes it fail."""
        return self._transport() or self._routing() or self._invocation()

    def function(self) -> Resource | None:
        """Return the function that answers the check's path; None if it is not known."""
        route = self._route()
        integration = self._referred(route, "target", "aws_apigatewayv2_integration")
        return self._referred(integration, "integration_uri", "aws_lambda_function")

    def _transport(self) -> str | None:
        values = self._check.values
        if not self._type.startswith("HTTPS"):
            return f"API Gateway serves HTTPS alone, and this check is of type {self._type}"
        # docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-https.html
        if str(self._resources.resolve(self._check, values.get("enable_sni"))).lower() == "false":
            return "API Gateway needs the server name in the TLS handshake (enable_sni)"
        port = whole_number(self._resources.resolve(self._check, values.get("port")))
        return f"API Gateway does not serve port {port}" if port not in {None, _HTTPS} else None

    def _routing(self) -> str | None:
        if not any(self._of_api("aws_apigatewayv2_stage")):
            return f"{self._api.address} has no stage"
        route = self._route()
        if route is None:
            return f"no route of {self._api.address} serves its path"
        authorization = resolved_text(
            self._resources, route, route.values.get("authorization_type")
        )
        if authorization not in {None, "NONE"}:
            return f"{route.address} wants an authorization ({authorization})"
        return None

    def _invocation(self) -> str | None:
        function = self.function()
        if function is None:
            return None
        if str(function.values.get("reserved_concurrent_executions")) == "0":
            return f"the reserved concurrency of {function.address} is 0"
        if not any(self._permissions(function)):
            return f"no permission lets API Gateway invoke {function.address}"
        return None

    def _permissions(self, function: Resource) -> Iterator[Resource]:
        for permission in self._resources.of_type("aws_lambda_permission"):
            invoked = self._resources.referenced(permission, permission.values.get("function_name"))
            principal = resolved_text(
                self._resources, permission, permission.values.get("principal")
            )
            if invoked and invoked.id == function.id and principal == "apigateway.amazonaws.com":
                yield permission

    def _route(self) -> Resource | None:
        path = self._resources.resolve(self._check, self._check.values.get("resource_path") or "/")
        for route in self._of_api("aws_apigatewayv2_route"):
            key = self._resources.resolve(route, route.values.get("route_key"))
            if _serves(key, path):
                return route
        return None

    def _of_api(self, type_: str) -> Iterator[Resource]:
        for resource in self._resources.of_type(type_):
            api = self._resources.referenced(resource, resource.values.get("api_id"))
            if api and api.id == self._api.id:
                yield resource

    def _referred(self, resource: Resource | None, argument: str, type_: str) -> Resource | None:
        value = resource.values.get(argument) if resource else None
        for reference in references(value):
            referred = (
                self._resources.referenced(resource, f"${{{reference}}}") if resource else None
            )
            if referred and referred.type == type_:
                return referred
        return None


def _serves(key: Json, path: Json) -> bool:
    """Whether a route answers a GET of a path; what is not known may be equal.

    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html.
    """
    if not isinstance(key, str) or not isinstance(path, str) or key == "$default":
        return True
    method, _, pattern = key.partition(" ")
    if method not in {"GET", "ANY"}:
        return False
    start, greedy, _ = pattern.partition("{proxy+}")
    return path.startswith(start) if greedy else path == pattern


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
    return set(iot_faults(resources, name, region)), serving_problem(resources, name, region)


def _handler(resources: ResourceSet, function: Resource) -> str:
    return resolved_text(resources, function, function.values.get("handler")) or ""

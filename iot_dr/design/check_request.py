"""What the checkers of a Route 53 health check send to its endpoint, and which that is.

docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html.
"""

from dataclasses import dataclass
from typing import Final

from iot_dr.design.http_api import API
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.route53.terraform_records import DeclaredRecord, Destination, declared_names
from iot_dr.terraform_json.argument import resolved_template, resolved_text, whole_number
from iot_dr.terraform_json.expression import literal, parts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DEFAULT_PORTS: Final = {"HTTP": 80, "HTTPS": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """A request: the port is None if it is not known, `searched` is empty without a search.

    `path` has no query string; it and `searched` may have expressions.
    """

    type: str
    port: int | None
    path: str
    has_sni: bool
    searched: str


def request_of(resources: ResourceSet, check: DeclaredCheck) -> CheckRequest:
    """Return what the checkers of a check send.

    registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_health_check
    (enable_sni): without it the server name is sent for HTTPS. assumed: also with a search.
    """
    resource, values = check.resource, check.resource.values
    port = values.get("port")
    protocol = check.type.removesuffix("_STR_MATCH")
    number = whole_number(resources.resolve(resource, port))
    return CheckRequest(
        type=check.type,
        port=_DEFAULT_PORTS.get(protocol) if port is None else number,
        path=_path(resolved_template(resources, resource, values.get("resource_path") or "/")),
        has_sni=str(resources.resolve(resource, values.get("enable_sni"))).lower() != "false",
        searched=resolved_template(resources, resource, values.get("search_string") or ""),
    )


def _path(text: str) -> str:
    """Return a path without its query string."""
    result = ""
    for part in parts(text):
        before, is_query, _ = part.text.partition("?")
        if is_query and not part.is_expression:
            return result + before
        result += part.text
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEndpoint:
    """What a check requests: an API, or where its name or address leads, empty if unknown."""

    api: Resource | None = None
    end: Destination | None = None
    is_failover: bool = False


def api_of(resources: ResourceSet, check: DeclaredCheck) -> Resource | None:
    """Return the API of a check's host: the one that has a known host, else by reference."""
    value = check.resource.values.get("fqdn")
    host = resolved_text(resources, check.resource, value)
    for api in resources.of_type(API) if host else ():
        if api.values.get("api_endpoint") == f"https://{host}":
            return api
    referred = resources.referenced(check.resource, value, API)
    is_other = host and referred and literal(referred.values.get("api_endpoint"))
    return None if is_other else referred


def endpoint_of(resources: ResourceSet, check: DeclaredCheck) -> CheckedEndpoint:
    """Return the endpoint of a check of type TCP, HTTP or HTTPS."""
    resource, values = check.resource, check.resource.values
    argument = "ip_address" if values.get("ip_address") else "fqdn"
    if argument == "fqdn" and (api := api_of(resources, check)):
        return CheckedEndpoint(api=api)
    steps = declared_names(resources).steps(resource, argument, values.get(argument))
    if any(isinstance(step, DeclaredRecord) and step.is_failover for step in steps):
        return CheckedEndpoint(is_failover=True)
    ends = [step for step in steps if isinstance(step, Destination)]
    return CheckedEndpoint(end=ends[0] if len(ends) == 1 else None)

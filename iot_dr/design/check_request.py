"""What the checkers of a Route 53 health check send to its endpoint, and which that is.

docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html.
"""

from dataclasses import dataclass
from typing import Final

from iot_dr.design.http_api import API
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.route53.terraform_records import DeclaredRecord, Destination, declared_names
from iot_dr.terraform_json.argument import resolved_template, resolved_text, whole_number
from iot_dr.terraform_json.expression import parts
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
    """What a check requests: an IP address, an API, or where its name leads, empty if unknown."""

    address: str = ""
    api: Resource | None = None
    end: Destination | None = None
    is_failover: bool = False


def endpoint_of(resources: ResourceSet, check: DeclaredCheck) -> CheckedEndpoint:
    """Return the endpoint of a check of type TCP, HTTP or HTTPS."""
    resource, values = check.resource, check.resource.values
    if values.get("ip_address"):
        address = resolved_text(resources, resource, values.get("ip_address")) or check.id
        return CheckedEndpoint(address=address)
    api = resources.referenced(resource, values.get("fqdn"))
    if api and api.type == API:
        return CheckedEndpoint(api=api)
    steps = declared_names(resources).steps(resource, "fqdn", values.get("fqdn"))
    if any(isinstance(step, DeclaredRecord) and step.is_failover for step in steps):
        return CheckedEndpoint(is_failover=True)
    ends = [step for step in steps if isinstance(step, Destination)]
    return CheckedEndpoint(end=ends[0] if len(ends) == 1 else None)

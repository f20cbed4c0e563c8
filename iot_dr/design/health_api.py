"""A health check that requests an HTTP API of API Gateway: whether it passes, and what fails it."""

from typing import Final

from iot_dr.design.design import Fault, FaultKind, Probe
from iot_dr.design.functions import package_of, variables_of
from iot_dr.design.http_api import HttpApi
from iot_dr.design.iot import iot_faults, serving_problem
from iot_dr.design.notes import Notes
from iot_dr.design.permissions import may, topic_call
from iot_dr.route53.terraform_checks import DeclaredCheck
from iot_dr.route53.terraform_records import Destination, declared_names
from iot_dr.terraform_json.argument import known_dns_name, whole_number
from iot_dr.terraform_json.expression import parts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_CANARY: Final = "canary"
_HTTPS: Final = 443
_OWN: Final = (FaultKind.REGION, FaultKind.API, FaultKind.FUNCTION)
_OF_IOT: Final = (FaultKind.IOT, FaultKind.SILENT_IOT, FaultKind.CERTIFICATE)


def read_api(resources: ResourceSet, check: DeclaredCheck, api: Resource, notes: Notes) -> Probe:
    """Return the probe of a check that requests an API.

    Another function than the canary is assumed to fail whenever a device cannot connect in the
    API's region.
    """
    requested = HttpApi(resources, api, _path(resources, check.resource))
    region = api.region or api.id
    function = requested.function()
    faults = {Fault(region, kind) for kind in _OWN}
    problem = _transport(resources, check) or requested.problem() or ""
    if function and package_of(resources, function) == _CANARY:
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


def _transport(resources: ResourceSet, check: DeclaredCheck) -> str | None:
    """Return why API Gateway answers no request of a check, None if it may."""
    values = check.resource.values
    if not check.type.startswith("HTTPS"):
        return f"API Gateway serves HTTPS alone, and this check is of type {check.type}"
    # assumed: AWS documents SNI as a need of some endpoints, not of API Gateway by name:
    # `EnableSNI` in docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    if str(resources.resolve(check.resource, values.get("enable_sni"))).lower() == "false":
        return "API Gateway needs the server name in the TLS handshake (enable_sni)"
    port = whole_number(resources.resolve(check.resource, values.get("port")))
    return f"API Gateway does not serve port {port}" if port not in {None, _HTTPS} else None


def _path(resources: ResourceSet, check: Resource) -> str:
    """Return the path that a check requests, without a query string."""
    path = resources.resolve(check, check.values.get("resource_path") or "/")
    result = ""
    for part in parts(str(path)):
        before, is_query, _ = part.text.partition("?")
        if is_query and not part.is_expression:
            return result + before
        result += part.text
    return result


def _published(resources: ResourceSet, function: Resource) -> tuple[set[Fault], str]:
    """Return the faults with which the canary's message fails, and why it always fails.

    The reason is empty if it can pass.
    """
    variables = variables_of(function)
    host = variables.get("CANARY_HOST")
    steps = declared_names(resources).steps(function, "CANARY_HOST", host)
    ends = [step for step in steps if isinstance(step, Destination)]
    if len(ends) != 1 or not ends[0].is_iot or not ends[0].region:
        return set(), f"{function.address} publishes to no name of AWS IoT"
    name = known_dns_name(resources, function, "CANARY_HOST", host) or ""
    region = ends[0].region
    topic = str(resources.resolve(function, variables.get("CANARY_TOPIC")))
    call = topic_call(function.region or region, topic)
    if not may(resources, function, call):
        return set(), f"the role of {function.address} does not allow {call.action} to {topic}"
    return set(iot_faults(resources, name, region)), serving_problem(resources, name, region)

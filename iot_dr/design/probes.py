"""What an endpoint health check of Route 53 depends on, and whether it can pass at all.

docs.aws.amazon.com/Route53/latest/DeveloperGuide/
dns-failover-determining-health-of-endpoints.html.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from functions.contract import HTTPS_PORT, MQTT_PORT, CanaryVariable
from iot_dr.design.api_reply import ApiReply
from iot_dr.design.arguments import inferred_arguments
from iot_dr.design.check_request import CheckRequest, endpoint_of, request_of
from iot_dr.design.check_server import server_problem, undecided_server
from iot_dr.design.design import Fault, FaultKind, Probe
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.http_api import read_http_api
from iot_dr.design.iot import (
    SIGNED,
    faults_of_region,
    iot_faults,
    refused_connection,
    serving_problem,
)
from iot_dr.design.notes import Note, NoteKind, Notes
from iot_dr.design.permissions import may, topic_call
from iot_dr.design.sites import missing_name
from iot_dr.route53.private_address import is_private_address
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks
from iot_dr.route53.terraform_records import Destination, declared_names
from iot_dr.terraform_json.argument import known_dns_name, resolved_template
from iot_dr.terraform_json.expression import has_expression
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

# docs.aws.amazon.com/iot/latest/developerguide/protocols.html
_IOT_PORTS: Final = (443, 8443, MQTT_PORT)


def read_probe(resources: ResourceSet, check: DeclaredCheck, notes: Notes) -> Probe:
    """Return the probe of a check of type TCP, HTTP or HTTPS.

    No fault makes it fail if what it checks is not known.
    """
    probe, noted = _read(resources, check.id)
    notes.extend(noted)
    return probe


# Thousands of names may have the same few checks.
@lru_cache(maxsize=64)
def _read(resources: ResourceSet, id_: str) -> tuple[Probe, tuple[Note, ...]]:
    check, notes = declared_checks(resources)[id_], Notes()
    probe = _of_endpoint_of(resources, check, notes)
    if undecided_server(resources, check):
        notes.add(NoteKind.INFERRED, argument="fqdn", address=check.resource.address)
    probe = replace(probe, problem=probe.problem or server_problem(resources, check))
    return probe, notes.notes


def _of_endpoint_of(resources: ResourceSet, check: DeclaredCheck, notes: Notes) -> Probe:
    endpoint = endpoint_of(resources, check)
    if endpoint.api:
        return _read_api(resources, check, endpoint.api, notes)
    if endpoint.is_failover:
        notes.add(NoteKind.CHECKED_FAILOVER_NAME, address=check.resource.address)
        return Probe(check=check.id, place="", fails_on=frozenset())
    end = endpoint.end
    if end is None:
        address, inferred = check.resource.address, check.resource.inferred & {"fqdn", "ip_address"}
        for argument in inferred:
            notes.add(NoteKind.INFERRED, argument=argument, address=address)
        if not inferred:
            notes.add(NoteKind.UNKNOWN_CHECKED, address=address)
        return Probe(check=check.id, place=check.id, fails_on=frozenset())
    if is_private_address(end.name):
        problem = f"Route 53's checkers do not reach the private address {end.name}"
        return replace(_of_endpoint(check, end), problem=problem)
    if missing := missing_name(resources, end.name):
        address = check.resource.address
        notes.add(NoteKind.CHECKED_WITHOUT_RECORD, address=address, name=end.name, problem=missing)
    if end.is_iot and end.region:
        return _of_iot(resources, check, end.region)
    return _of_endpoint(check, end)


def _of_iot(resources: ResourceSet, check: DeclaredCheck, region: str) -> Probe:
    port, problem = request_of(resources, check).port, ""
    if check.type == "TCP" and check.resource.values.get("port") is None:
        problem = "a TCP check needs a port"
    elif check.type != "TCP":
        problem = "AWS IoT answers 403 to a request without credentials"
    elif port is not None and port not in _IOT_PORTS:
        problem = f"AWS IoT accepts no connection on port {port}"
    return Probe(check=check.id, place=region, fails_on=refused_connection(region), problem=problem)


def _of_endpoint(check: DeclaredCheck, end: Destination) -> Probe:
    faults = {Fault(end.name, FaultKind.ENDPOINT)}
    if end.region:
        faults.add(Fault(end.region, FaultKind.REGION))
    return Probe(check=check.id, place=end.region or end.name, fails_on=frozenset(faults))


_CANARY: Final = "canary"
# Seconds in which Route 53 expects the status of a response:
# docs.aws.amazon.com/Route53/latest/DeveloperGuide/
# dns-failover-determining-health-of-endpoints.html
_RESPONSE: Final = 2
# The body with which functions/canary answers if its message went through; 0 is any number.
_ANSWER: Final = '{"outcome": "ok", "age": 0}'
_NUMBER: Final = re.compile(r"[\d.]+")
_OWN: Final = (FaultKind.REGION, FaultKind.API, FaultKind.FUNCTION)


def _read_api(resources: ResourceSet, check: DeclaredCheck, api: Resource, notes: Notes) -> Probe:
    """Return the probe of a check that requests an API.

    Another function than the canary is assumed to fail whenever a device cannot connect in the
    API's region.
    """
    request = request_of(resources, check)
    http_api = read_http_api(resources, api)
    reply = http_api.reply("GET", request.path)
    if reply.route and reply.route.seconds < _RESPONSE:
        notes.add(
            NoteKind.SHORT_REQUEST,
            address=reply.route.address,
            seconds=f"{reply.route.seconds:g}",
            response=str(_RESPONSE),
        )
    inferred = [
        *http_api.inferred,
        *((check.resource.address, each) for each in inferred_arguments(check.resource)),
    ]
    for sentence in http_api.unread:
        notes.add(NoteKind.UNREAD, argument=sentence.removesuffix("."))
    region = api.region or api.id
    function = _function(resources, reply)
    faults = {Fault(region, kind) for kind in _OWN}
    problem = _transport(request) or reply.reason
    if function and not problem:
        problem = function_problem(resources, function)
    if function and package_of(resources, function) == _CANARY:
        published, unserved = _published(resources, function)
        inferred += [(function.address, each) for each in function.inferred & {"environment"}]
        faults |= published
        problem = problem or unserved or _unfound(resources, check.resource, function, notes)
    else:
        faults |= faults_of_region(resources, region)
        what = function.address if function else check.resource.address
        notes.add(NoteKind.UNKNOWN_SERVER, address=what, region=region)
    for address, argument in inferred:
        notes.add(NoteKind.INFERRED, argument=argument, address=address)
    problem = "" if inferred else problem
    return Probe(check=check.id, place=region, fails_on=frozenset(faults), problem=problem)


def _unfound(resources: ResourceSet, check: Resource, canary: Resource, notes: Notes) -> str:
    """Return that a check never finds its text in the canary's answer; note an unknown text."""
    text = resolved_template(resources, check, check.values.get("search_string") or "")
    if has_expression(text):
        notes.add(NoteKind.SEARCHED, address=check.address, text=text, function=canary.address)
    elif _NUMBER.sub("0", text) not in _ANSWER:
        return f"{check.address} searches for {text}, which {canary.address} does not answer"
    return ""


def _function(resources: ResourceSet, reply: ApiReply) -> Resource | None:
    """Return the function of a route, None if it is not known."""
    id_ = reply.route.function if reply.route else ""
    return next((each for each in resources.of_type("aws_lambda_function") if each.id == id_), None)


def _transport(request: CheckRequest) -> str:
    """Return why API Gateway answers no request of a check, empty if it may."""
    if not request.type.startswith("HTTPS"):
        return f"API Gateway serves HTTPS alone, and this check is of type {request.type}"
    # assumed: AWS documents SNI as a need of some endpoints, not of API Gateway by name:
    # `EnableSNI` in docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
    if not request.has_sni:
        return "API Gateway needs the server name in the TLS handshake (enable_sni)"
    port = request.port
    return f"API Gateway does not serve port {port}" if port not in {None, HTTPS_PORT} else ""


def _published(resources: ResourceSet, function: Resource) -> tuple[set[Fault], str]:
    """Return the faults with which the canary's message fails, and why it always fails.

    The reason is empty if it can pass.
    """
    variables = variables_of(function)
    host = variables.get(CanaryVariable.HOST)
    steps = declared_names(resources).steps(function, CanaryVariable.HOST, host)
    ends = [step for step in steps if isinstance(step, Destination)]
    if len(ends) != 1 or not ends[0].is_iot or not ends[0].region:
        return set(), f"{function.address} publishes to no name of AWS IoT"
    name = known_dns_name(resources, function, CanaryVariable.HOST, host) or ""
    region = ends[0].region
    topic = str(resources.resolve(function, variables.get(CanaryVariable.TOPIC)))
    call = topic_call(function.region or region, topic)
    if not may(resources, function, call):
        return set(), f"the role of {function.address} does not allow {call.action} to {topic}"
    unserved = serving_problem(resources, name, region, SIGNED)
    return set(iot_faults(resources, name, region)), unserved

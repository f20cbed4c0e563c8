"""What an endpoint health check of Route 53 depends on, and whether it can pass at all.

docs.aws.amazon.com/Route53/latest/DeveloperGuide/
dns-failover-determining-health-of-endpoints.html.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from functions.contract import MQTT_PORT
from iot_dr.design.check_request import endpoint_of, request_of
from iot_dr.design.check_server import server_problem, unjudged_server
from iot_dr.design.design import Fault, FaultKind, Probe
from iot_dr.design.health_api import read_api
from iot_dr.design.iot import refused_connection
from iot_dr.design.notes import Note, NoteKind, Notes
from iot_dr.design.sites import missing_name
from iot_dr.route53.private_address import is_private_address
from iot_dr.route53.terraform_checks import DeclaredCheck, declared_checks
from iot_dr.route53.terraform_records import Destination
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
    if unjudged_server(resources, check):
        notes.add(NoteKind.INFERRED, argument="fqdn", address=check.resource.address)
    probe = replace(probe, problem=probe.problem or server_problem(resources, check))
    return probe, notes.notes


def _of_endpoint_of(resources: ResourceSet, check: DeclaredCheck, notes: Notes) -> Probe:
    endpoint = endpoint_of(resources, check)
    if endpoint.api:
        return read_api(resources, check, endpoint.api, notes)
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

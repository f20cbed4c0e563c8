"""Where records lead in the end, and why devices are never served there."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import Final

from iot_dr.design.design import Fault, FaultKind, RecordTarget
from iot_dr.design.device_requests import refused_request
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.iot import DEVICE, MQTT, iot_faults, of_unknown_region, serving_problem
from iot_dr.design.notes import NoteKind, Notes
from iot_dr.design.records_below import steps_of
from iot_dr.route53.names import is_of_addresses
from iot_dr.route53.terraform_records import (
    DeclaredRecord,
    Destination,
    declared_names,
    record_targets,
)
from iot_dr.route53.zone import ZONE
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name, resolved_text
from iot_dr.terraform_json.dns_name import ends
from iot_dr.terraform_json.expression import literal
from iot_dr.terraform_json.resource_set import ResourceSet

_WEBSITES: Final = ("aws_s3_bucket_website_configuration", "aws_s3_bucket")
_DEVICES: Final = "iot:Data-ATS"


def read_site(
    resources: ResourceSet,
    name: str,
    record: DeclaredRecord,
    expected: DesignExpectation | None,
    notes: Notes,
) -> RecordTarget:
    """Return where a record leads devices that use a name; `expected` is that of the name."""
    ends = declared_names(resources).destinations(record)
    steps, address = steps_of(resources, record), record.resource.address
    problem = _type_problem(resources, steps)
    if len(ends) != 1:
        place = record.target or record.id
        notes.add(NoteKind.UNKNOWN_TARGET, address=address)
        faults = frozenset({_endpoint(place)})
        return RecordTarget(name=place, region=None, fails_on=faults, problem=problem)
    (end,) = ends
    problem = problem or _name_problem(resources, end.name)
    if missing := missing_name(resources, end.name):
        notes.add(NoteKind.TARGET_WITHOUT_RECORD, address=address, name=end.name, problem=missing)
    if end.is_iot and end.region:
        for domain in of_unknown_region(resources, name, end.region):
            notes.add(NoteKind.UNKNOWN_REGION, address=domain.address, name=name)
        return RecordTarget(
            name=end.name,
            region=end.region,
            fails_on=iot_faults(resources, name, end.region),
            problem=problem
            or _endpoint_problem(resources, steps, notes)
            or serving_problem(resources, name, end.region, DEVICE if expected else MQTT)
            or (refused_request(resources, expected, end.region, notes) if expected else ""),
        )
    problem = problem or own_api_problem(name, end) or _website_problem(resources, steps)
    return RecordTarget(
        name=end.name, region=end.region, fails_on=of_endpoint(end), problem=problem
    )


def own_api_problem(name: str, end: Destination) -> str:
    """Return that an API's own host serves no other name, empty for other ends.

    docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html. Hosts of custom
    domain names begin with `d-`.
    """
    is_api = ".execute-api." in end.name and not end.name.startswith("d-")
    if not is_api or not is_resolved_name(name):
        return ""
    return f"{name} leads to {end.name}, an API's own host, which has no certificate of the name"


def _website_problem(resources: ResourceSet, steps: tuple[DeclaredRecord, ...]) -> str:
    """Return that a website of S3 has a bucket of another name than the record.

    docs.aws.amazon.com/AmazonS3/latest/userguide/website-hosting-custom-domain-walkthrough.html.
    """
    *_, last = steps
    for target in record_targets(last.resource)[1]:
        website = resources.referenced(last.resource, target, *_WEBSITES)
        bucket = website and resolved_text(resources, website, website.values.get("bucket"))
        if website and bucket and is_resolved_name(last.name) and bucket != last.name:
            return (
                f"{website.address} is the bucket {bucket}, and S3 serves {last.name} alone there"
            )
    return ""


def of_endpoint(end: Destination) -> frozenset[Fault]:
    """Return the faults of an endpoint that is not AWS IoT's."""
    lost = {Fault(end.region, FaultKind.REGION)} if end.region else set[Fault]()
    return frozenset({_endpoint(end.name), *lost})


def missing_name(resources: ResourceSet, name: str) -> str:
    """Return that a name has no record in a zone that is declared here, empty if it may have one.

    Another state, or a person, may have created it.
    """
    zone = zone_without(resources, name)
    return f"the zone {zone} has no record of this name here" if zone else ""


# Thousands of records may lead to the same few names.
@lru_cache(maxsize=64)
def zone_without(resources: ResourceSet, name: str) -> str:
    """Return the closest public zone with records here, but none of a name; empty if one may be.

    A wildcard or a delegation may serve it, and a record of unknown name may be the one.
    """
    if _types(resources).get(name):
        return ""
    zones, (used, is_open) = _zones(resources), _records_of_zones(resources)
    for end in ends(name):
        if end in is_open or "" in is_open:
            return ""
        if end in zones:
            return end if end in used else ""
    return ""


@lru_cache(maxsize=1)
def _records_of_zones(resources: ResourceSet) -> tuple[Container[str], Container[str]]:
    """Return the zones with records here, and the names below which more names may exist.

    Those are zones with a wildcard and delegated names, and any if the name of a record is unknown.
    """
    zones, used, is_open = _zones(resources), set[str](), set[str]()
    for record in declared_names(resources).records:
        of_zones = [end for end in ends(record.name) if end in zones]
        used.update(of_zones)
        if record.name.startswith(("*", "\\052")):
            is_open.update(of_zones)
        if record.type == "NS" or not record.name:
            is_open.add(record.name)
    return used, is_open


def _type_problem(resources: ResourceSet, steps: tuple[DeclaredRecord, ...]) -> str:
    for step in steps:
        if not is_of_addresses(step.type):
            return f"{step.resource.address} is of type {step.type}, which devices do not look up"
    first, *_ = steps
    types = {below.type for below in declared_names(resources).alias_targets(first)}
    if types and first.type and first.type not in types and "" not in types:
        # docs.aws.amazon.com/Route53/latest/DeveloperGuide/
        # resource-record-sets-values-alias-common.html (Record type)
        return f"{first.resource.address} is an alias to records of another type than {first.type}"
    return ""


def _name_problem(resources: ResourceSet, name: str) -> str:
    """Return why a name has no address, empty if it may have one."""
    types = _types(resources).get(name, frozenset())
    if not types or any(map(is_of_addresses, types)):
        return ""
    return f"{name} has only a record of type {' and '.join(sorted(types))}, and no address"


@lru_cache(maxsize=1)
def _types(resources: ResourceSet) -> Mapping[str, set[str]]:
    """Return the types of the public records by name."""
    types = defaultdict[str, set[str]](set)
    for record in declared_names(resources).records:
        if record.name and not record.is_private:
            types[record.name].add(record.type)
    return types


@lru_cache(maxsize=1)
def _zones(resources: ResourceSet) -> Container[str]:
    """Return the names of the public zones that are declared here."""
    names = (
        known_dns_name(resources, zone, "name", zone.values.get("name"))
        for zone in resources.of_type(ZONE)
        if not zone.values.get("vpc")
    )
    return frozenset(name for name in names if name)


def _endpoint_problem(resources: ResourceSet, steps: Iterable[DeclaredRecord], notes: Notes) -> str:
    """Return which other endpoint than that of devices records lead to, empty for theirs.

    docs.aws.amazon.com/iot/latest/apireference/API_DescribeEndpoint.html (endpointType).
    """
    for step in steps:
        for target in record_targets(step.resource)[1]:
            endpoint = resources.referenced(step.resource, target, "aws_iot_endpoint")
            if endpoint is None:
                continue
            kind = literal(resources.resolve(endpoint, endpoint.values.get("endpoint_type")))
            if kind and kind.startswith("iot:") and kind != _DEVICES:
                return f"{step.resource.address} leads to the endpoint {kind}, not {_DEVICES}"
            if "endpoint_type" not in endpoint.values:
                notes.add(NoteKind.ENDPOINT_TYPE, address=endpoint.address, endpoint=_DEVICES)
    return ""


def _endpoint(place: str) -> Fault:
    return Fault(place, FaultKind.ENDPOINT)

"""What a connection by a name needs of AWS IoT in a region.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html: the
server name of the TLS handshake selects the domain configuration, and with it the certificate.
"""

import re
from collections import defaultdict
from functools import lru_cache
from typing import Final

from iot_dr.design.design import Fault, FaultKind
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name, resolved_upper
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DOMAIN: Final = "aws_iot_domain_configuration"
_ACM: Final = "aws_acm_certificate"
_VALIDATION: Final = "aws_acm_certificate_validation"
_CERTIFICATE: Final = re.compile(r"arn:[\w-]+:acm:([\w-]+):")


def serving_problem(resources: ResourceSet, name: str, region: str) -> str:
    """Return why AWS IoT in a region does not serve a name, empty if it does."""
    configurations = _configurations(resources, name, region)
    if not configurations:
        return f"no domain configuration in {region} serves {name}"
    problems = [_problem(resources, configuration) for configuration in configurations]
    return "" if "" in problems else problems[0]


def _problem(resources: ResourceSet, configuration: Resource) -> str:
    """Return why a domain configuration serves no device, empty if it may.

    docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html.
    """
    values, address = configuration.values, configuration.address
    if resolved_upper(resources, configuration, values.get("status")) == "DISABLED":
        return f"{address} is disabled"
    service = resolved_upper(resources, configuration, values.get("service_type"))
    if service not in {"", "DATA"}:
        return f"{address} is of the service {service}, which serves no MQTT"
    arns = values.get("server_certificate_arns")
    if not arns and (arns is not None or configuration.change is None):
        return f"{address} has no server certificate"
    problems = (_certificate_problem(resources, configuration, arn) for arn in texts(arns))
    return next(filter(None, problems), "")


def _certificate_problem(resources: ResourceSet, configuration: Resource, arn: str) -> str:
    """Return why a domain configuration cannot present a certificate, empty if it may."""
    certificate = _declared(resources, configuration, arn)
    match = _CERTIFICATE.match(str(resources.resolve(configuration, arn)))
    region = certificate.region if certificate else match.group(1) if match else None
    address = configuration.address
    if region and configuration.region and region != configuration.region:
        return f"{address} has a certificate of {region}"
    domain = configuration.values.get("domain_name")
    name = known_dns_name(resources, configuration, "domain_name", domain)
    names = _names(resources, certificate) if certificate else None
    validation = resources.referenced(configuration, arn)
    method = (
        resolved_upper(resources, certificate, certificate.values.get("validation_method"))
        if certificate
        else ""
    )
    if (
        method not in {"", "DNS"}
        and validation
        and validation.values.get("validation_record_fqdns")
    ):
        return f"{validation.address} waits for DNS records, and the method is {method}"
    if names and name and not any(_covers(pattern, name) for pattern in names):
        return f"the certificate of {address} is for {', '.join(names)}, not for {name}"
    return ""


def _declared(resources: ResourceSet, configuration: Resource, arn: str) -> Resource | None:
    """Return the certificate in ACM that an ARN refers to, also through its validation."""
    certificate = resources.referenced(configuration, arn)
    if certificate and certificate.type == _VALIDATION:
        validated = certificate.values.get("certificate_arn")
        certificate = resources.referenced(certificate, validated)
    return certificate if certificate and certificate.type == _ACM else None


def _names(resources: ResourceSet, certificate: Resource) -> tuple[str, ...] | None:
    """Return the names of a certificate, None if one of them is not known."""
    values = certificate.values
    others = values.get("subject_alternative_names")
    listed = (values.get("domain_name"), *texts(others))
    names = [
        known_dns_name(resources, certificate, "domain_name", value) for value in listed if value
    ]
    known = tuple(name for name in names if name and is_resolved_name(name))
    return known if known and len(known) == len(names) else None


def _covers(pattern: str, name: str) -> bool:
    """Whether a name of a certificate is a DNS name, or its wildcard (RFC 9525, 6.3)."""
    return pattern == name or (pattern.startswith("*.") and pattern[2:] == name.partition(".")[2])


def iot_faults(resources: ResourceSet, name: str, region: str) -> frozenset[Fault]:
    """Return the faults with which a device that uses a name in a region is not served."""
    kinds = (FaultKind.REGION, FaultKind.IOT, FaultKind.SILENT_IOT)
    return frozenset(
        (*(Fault(region, kind) for kind in kinds), _certificate(resources, name, region))
    )


def faults_of_region(resources: ResourceSet, region: str) -> frozenset[Fault]:
    """Return the faults with which a device that uses any name in a region is not served."""
    names = [name or "" for name, place in _by_name(resources) if place == region]
    return frozenset[Fault]().union(
        *(iot_faults(resources, name, region) for name in names or ("",))
    )


def refused_connection(region: str) -> frozenset[Fault]:
    """Return the faults with which a TCP connection to AWS IoT in a region fails."""
    return frozenset(Fault(region, kind) for kind in (FaultKind.REGION, FaultKind.IOT))


def _certificate(resources: ResourceSet, name: str, region: str) -> Fault:
    """Return the fault that the certificate of a name expires; names may share a certificate."""
    for domain in _configurations(resources, name, region):
        arns = texts(domain.values.get("server_certificate_arns"))
        certificates = [str(resources.resolve(domain, arn)) for arn in arns]
        return Fault(region, FaultKind.CERTIFICATE, ", ".join(certificates))
    return Fault(region, FaultKind.CERTIFICATE)


def _configurations(resources: ResourceSet, name: str, region: str) -> list[Resource]:
    return _by_name(resources).get((name, region), [])


@lru_cache(maxsize=1)
def _by_name(resources: ResourceSet) -> dict[tuple[str | None, str | None], list[Resource]]:
    """Return the domain configurations by name and region."""
    by_name = defaultdict[tuple[str | None, str | None], list[Resource]](list)
    for domain in resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(resources, domain, "domain_name", value)
        by_name[name, domain.region].append(domain)
    return by_name

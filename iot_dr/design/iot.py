"""What a connection by a name needs of AWS IoT in a region.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html: the
server name of the TLS handshake selects the domain configuration, and with it the certificate.
"""

import re
from collections import defaultdict
from functools import lru_cache
from typing import Final

from iot_dr.design.design import Fault, FaultKind
from iot_dr.terraform_json.argument import known_dns_name, resolved_upper
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DOMAIN: Final = "aws_iot_domain_configuration"
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
    for arn in texts(arns):
        region = _region_of(resources, configuration, arn)
        if region and configuration.region and region != configuration.region:
            return f"{address} has a certificate of {region}"
    return ""


def _region_of(resources: ResourceSet, configuration: Resource, arn: str) -> str | None:
    """Return the region of a certificate in ACM, None if it is not known."""
    certificate = resources.referenced(configuration, arn)
    if certificate:
        return certificate.region if certificate.type.startswith("aws_acm_certificate") else None
    match = _CERTIFICATE.match(str(resources.resolve(configuration, arn)))
    return match.group(1) if match else None


def iot_faults(resources: ResourceSet, name: str, region: str) -> frozenset[Fault]:
    """Return the faults with which a device that uses a name in a region is not served."""
    kinds = (FaultKind.REGION, FaultKind.IOT, FaultKind.SILENT_IOT)
    return frozenset(
        (*(Fault(region, kind) for kind in kinds), _certificate(resources, name, region))
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

"""What a connection by a name needs of AWS IoT in a region.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html: the
server name of the TLS handshake selects the domain configuration, and with it the certificate.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from iot_dr.design.certificates import (
    certificate_problem,
    declared_certificate,
    key_algorithm,
)
from iot_dr.design.design import Fault, FaultKind
from iot_dr.design.expectation import DesignExpectation
from iot_dr.terraform_json.argument import known_dns_name, resolved_upper
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DOMAIN: Final = "aws_iot_domain_configuration"


@dataclass(frozen=True, slots=True)
class EndpointClient:
    """A client of AWS IoT: the protocols and authentications of the name that it connects to.

    `DEFAULT`, which decides by port and ALPN, fits any:
    docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html.
    """

    protocols: frozenset[str]
    authentications: frozenset[str]


_AUTHENTICATIONS: Final = frozenset(("AWS_X509", "AWS_SIGV4", "CUSTOM_AUTH", "CUSTOM_AUTH_X509"))
MQTT: Final = EndpointClient(frozenset(("SECURE_MQTT", "MQTT_WSS")), _AUTHENTICATIONS)
"""Any device."""
DEVICE: Final = EndpointClient(frozenset(("SECURE_MQTT",)), frozenset(("AWS_X509",)))
"""A device of one of our environments: MQTT with a certificate."""
SIGNED: Final = EndpointClient(frozenset(("HTTPS",)), frozenset(("AWS_SIGV4",)))
"""A function that publishes by HTTPS with the credentials of its role."""
HANDSHAKE: Final = EndpointClient(MQTT.protocols | SIGNED.protocols, _AUTHENTICATIONS)
"""A client that does only a TLS handshake."""


def serving_problem(
    resources: ResourceSet, name: str, region: str, client: EndpointClient = MQTT
) -> str:
    """Return why AWS IoT in a region does not serve a client of a name, empty if it does."""
    configurations = _configurations(resources, name, region)
    if not configurations:
        return f"no domain configuration in {region} serves {name}"
    problems = [_problem(resources, configuration, client) for configuration in configurations]
    return "" if "" in problems else problems[0]


def _problem(resources: ResourceSet, configuration: Resource, client: EndpointClient) -> str:
    """Return why a domain configuration does not serve a client, empty if it may.

    docs.aws.amazon.com/iot/latest/apireference/API_CreateDomainConfiguration.html.
    """
    values, address = configuration.values, configuration.address
    if resolved_upper(resources, configuration, values.get("status")) == "DISABLED":
        return f"{address} is disabled"
    service = resolved_upper(resources, configuration, values.get("service_type"))
    if service not in {"", "DATA"}:
        return f"{address} is of the service {service}, which serves no MQTT"
    for argument, served in (
        ("application_protocol", client.protocols),
        ("authentication_type", client.authentications),
    ):
        value = resolved_upper(resources, configuration, values.get(argument))
        if value not in {"", "DEFAULT", *served}:
            return f"{address} has the {argument} {value}, not {' or '.join(sorted(served))}"
    arns = values.get("server_certificate_arns")
    if not arns and (arns is not None or configuration.change is None):
        return f"{address} has no server certificate"
    problems = (certificate_problem(resources, configuration, arn) for arn in texts(arns))
    return next(filter(None, problems), "")


def is_name_declared(resources: ResourceSet, name: str) -> bool:
    """Whether the set declares a domain configuration of a name in any region."""
    return name in _names(resources)


@lru_cache(maxsize=1)
def _names(resources: ResourceSet) -> frozenset[str | None]:
    return frozenset(name for name, _ in _by_name(resources))


def configured_name(
    resources: ResourceSet, domain: Resource, expected: DesignExpectation
) -> str | None:
    """Return the name of the settings that a domain configuration serves.

    None if it serves another one, or is in a plan, which has the values of AWS too.
    """
    name = known_dns_name(resources, domain, "domain_name", domain.values.get("domain_name"))
    names = {expected.device_name, *expected.regional_names.values()}
    return name if name in names and domain.change is None else None


def is_passed(resources: ResourceSet, region: str) -> bool:
    """Whether a stack of the set has something in a region."""
    return region in _regions(resources)


@lru_cache(maxsize=1)
def _regions(resources: ResourceSet) -> frozenset[str | None]:
    """Return the regions of providers and resources; a state has no providers."""
    providers = (stack.providers.values() for stack in resources.stacks)
    of_resources = ({each.region for each in stack.resources} for stack in resources.stacks)
    return frozenset[str | None]().union(*providers, *of_resources)


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


def key_algorithms(resources: ResourceSet, name: str, regions: Iterable[str]) -> frozenset[str]:
    """Return the key algorithms of the certificates of a name, those that are known."""
    certificates = [
        declared_certificate(resources, configuration, arn)
        for region in regions
        for configuration in _configurations(resources, name, region)
        for arn in texts(configuration.values.get("server_certificate_arns"))
    ]
    algorithms = {
        key_algorithm(resources, each) for each in certificates if each and each.mode == "managed"
    }
    return frozenset(algorithms - {""})


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
    of_region = _by_name(resources).get((name, region), [])
    return of_region or of_unknown_region(resources, name, region)


def of_unknown_region(resources: ResourceSet, name: str, region: str) -> list[Resource]:
    """Return the configurations of a name that may be in a region, if none is known to be there.

    The region of a provider in HCL may be a local value, which no document has.
    """
    by_name = _by_name(resources)
    return [] if (name, region) in by_name else by_name.get((name, None), [])


@lru_cache(maxsize=1)
def _by_name(resources: ResourceSet) -> dict[tuple[str | None, str | None], list[Resource]]:
    """Return the domain configurations by name and region."""
    by_name = defaultdict[tuple[str | None, str | None], list[Resource]](list)
    for domain in resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(resources, domain, "domain_name", value)
        by_name[name, domain.region].append(domain)
    return by_name

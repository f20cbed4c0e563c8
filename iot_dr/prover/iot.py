"""What a connection by a name needs of AWS IoT in a region.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html: the
server name of the TLS handshake selects the domain configuration, and with it the certificate.
"""

from collections import defaultdict
from functools import lru_cache
from typing import Final

from iot_dr.prover.design import Fault, FaultKind
from iot_dr.terraform_json.argument import known_dns_name, resolved_upper
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DOMAIN: Final = "aws_iot_domain_configuration"


def serving_problem(resources: ResourceSet, name: str, region: str) -> str:
    """Return why AWS IoT in a region does not serve a name, empty if it does."""
    configurations = _configurations(resources, name, region)
    if not configurations:
        return f"no domain configuration in {region} serves {name}"
    if all(
        resolved_upper(resources, configuration, configuration.values.get("status")) == "DISABLED"
        for configuration in configurations
    ):
        return f"{configurations[0].address} is disabled"
    return ""


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

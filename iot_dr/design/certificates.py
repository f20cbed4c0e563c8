"""The certificates that domain configurations of AWS IoT present: region, names and issuing.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from iot_dr.route53.caa import allows_acm
from iot_dr.route53.terraform_records import declared_names
from iot_dr.terraform_json.argument import is_resolved_name, known_dns_name, resolved_upper
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ACM: Final = "aws_acm_certificate"
_VALIDATION: Final = "aws_acm_certificate_validation"
_ARN: Final = re.compile(r"arn:[\w-]+:acm:([\w-]+):")
_DEFAULT: Final = "RSA_2048"
_ALGORITHMS: Final = (_DEFAULT, "EC_PRIME256V1", "EC_SECP384R1")


def certificate_problem(resources: ResourceSet, configuration: Resource, arn: str) -> str:
    """Return why a domain configuration cannot present a certificate, empty if it may."""
    certificate = declared_certificate(resources, configuration, arn)
    match = _ARN.match(str(resources.resolve(configuration, arn)))
    region = certificate.region if certificate else match.group(1) if match else None
    address = configuration.address
    if region and configuration.region and region != configuration.region:
        return f"{address} has a certificate of {region}"
    domain = configuration.values.get("domain_name")
    name = known_dns_name(resources, configuration, "domain_name", domain)
    names = certificate_names(resources, certificate) if certificate else None
    is_declared = certificate is not None and certificate.mode == "managed"
    if is_declared and names and name and not any(covers(pattern, name) for pattern in names):
        return f"the certificate of {address} is for {', '.join(names)}, not for {name}"
    validation = resources.referenced(configuration, arn)
    return _issuing_problem(resources, certificate, validation) if certificate else ""


def _issuing_problem(
    resources: ResourceSet, certificate: Resource, validation: Resource | None
) -> str:
    """Return why ACM never issues a public certificate, empty if it may.

    docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html (KeyAlgorithm,
    ValidationMethod).
    """
    values, address = certificate.values, certificate.address
    if values.get("private_key") or values.get("certificate_authority_arn"):
        return ""
    algorithm = key_algorithm(resources, certificate)
    if algorithm and algorithm not in _ALGORITHMS:
        return f"ACM issues no public certificate with the key algorithm {algorithm} of {address}"
    method = resolved_upper(resources, certificate, values.get("validation_method"))
    if method == "HTTP":
        return f"{address} is validated by HTTP, which ACM does for CloudFront alone"
    is_known = bool(method) or certificate.change is None
    waits = validation and validation.values.get("validation_record_fqdns")
    if waits and is_known and method != "DNS":
        return f"{address} is validated by {method or 'EMAIL'}, and waits for a DNS record"
    return _caa_problem(resources, certificate) if certificate.mode == "managed" else ""


def _caa_problem(resources: ResourceSet, certificate: Resource) -> str:
    """Return which declared CAA records let ACM issue no certificate, empty if none are known.

    RFC 8659, section 3: those of the first name upwards that has some decide.
    """
    declared = _caa_records(resources)
    for name in certificate_names(resources, certificate) or ():
        labels = name.removeprefix("*.").split(".")
        above = (".".join(labels[number:]) for number in range(len(labels)))
        closest = next((each for each in above if each in declared), "")
        is_wildcard = name.startswith("*.")
        if closest and not allows_acm(declared[closest], is_wildcard=is_wildcard):
            return f"the CAA records of {closest} do not let ACM issue {certificate.address}"
    return ""


@lru_cache(maxsize=1)
def _caa_records(resources: ResourceSet) -> Mapping[str, tuple[str, ...]]:
    """Return the values of the public CAA records by name."""
    return {
        record.name: tuple(
            str(resources.resolve(record.resource, value))
            for value in texts(record.resource.values.get("records"))
        )
        for record in declared_names(resources).records
        if record.type == "CAA" and record.name and not record.is_private
    }


def key_algorithm(resources: ResourceSet, certificate: Resource) -> str:
    """Return the key algorithm of a certificate, ACM's default if none is set; empty if unknown."""
    value = certificate.values.get("key_algorithm") or _DEFAULT
    return resolved_upper(resources, certificate, value).replace("-", "_")


def declared_certificate(
    resources: ResourceSet, configuration: Resource, arn: str
) -> Resource | None:
    """Return the certificate in ACM that an ARN refers to, also through its validation."""
    certificate = resources.referenced(configuration, arn, _ACM, _VALIDATION)
    if certificate and certificate.type == _VALIDATION:
        validated = certificate.values.get("certificate_arn")
        certificate = resources.referenced(certificate, validated, _ACM)
    return certificate


def certificate_names(resources: ResourceSet, certificate: Resource) -> tuple[str, ...] | None:
    """Return the names of a certificate, None if one of them is not known."""
    values = certificate.values
    others = values.get("subject_alternative_names")
    # A data source has the argument `domain`; the certificate may have more names than that one.
    listed = (values.get("domain_name") or values.get("domain"), *texts(others))
    names = [
        known_dns_name(resources, certificate, "domain_name", value) for value in listed if value
    ]
    known = tuple(name for name in names if name and is_resolved_name(name))
    return known if known and len(known) == len(names) else None


def covers(pattern: str, name: str) -> bool:
    """Whether a name of a certificate is a DNS name, or its wildcard (RFC 9525, 6.3)."""
    return pattern == name or (pattern.startswith("*.") and pattern[2:] == name.partition(".")[2])

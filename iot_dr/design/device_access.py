"""What AWS IoT in a region presents and permits to devices with X.509 certificates over MQTT.

docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html: the
server name of the TLS handshake selects the domain configuration. For any other name, and for
none, AWS IoT presents its own certificate.
"""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.certificates import certificate_names, covers, declared_certificate
from iot_dr.design.iot import DEVICE, serving_problem
from iot_dr.design.notes import Sentences
from iot_dr.terraform_json.argument import (
    is_resolved_name,
    is_true,
    known_dns_name,
    resolved_text,
    resolved_upper,
)
from iot_dr.terraform_json.block import block
from iot_dr.terraform_json.expression import literal, texts
from iot_dr.terraform_json.json_value import json_in, mapping
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_DOMAIN: Final = "aws_iot_domain_configuration"
_POLICY: Final = "aws_iot_policy"
_TEMPLATE: Final = "aws_iot_provisioning_template"
_ATTACHMENT: Final = "aws_iot_policy_attachment"

# registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iot_domain_configuration:
# arguments without an effect on devices, and those that are read here.
_ARGUMENTS: Final = frozenset(
    (
        *("id", "arn", "name", "domain_name", "domain_type", "region", "tags", "tags_all"),
        *("server_certificate_arns", "validation_certificate_arn", "service_type", "status"),
        *("authentication_type", "application_protocol", "tls_config"),
    )
)
# docs.aws.amazon.com/iot/latest/developerguide/transport-security.html: each offers TLS 1.2 or 1.3,
# and devices of the drill have both.
_SECURITY_POLICIES: Final = frozenset(
    f"IOTSECURITYPOLICY_{version}"
    for version in (
        "TLS13_1_3_2022_10",
        "TLS13_1_2_2022_10",
        "TLS12_1_2_2022_10",
        "TLS12_1_0_2016_01",
        "TLS12_1_0_2015_01",
    )
)


def device_certificates(
    resources: ResourceSet, region: str, unknown: Sentences
) -> dict[str, tuple[str, ...]]:
    """Return the names in the certificate that a region presents for each server name.

    Only names of domain configurations that serve devices with X.509 certificates over MQTT. What
    is not understood is added to `unknown`.
    """
    certificates: dict[str, tuple[str, ...]] = {}
    for domain in resources.of_type(_DOMAIN):
        value = domain.values.get("domain_name")
        name = known_dns_name(resources, domain, "domain_name", value)
        if domain.region != region or not name or not is_resolved_name(name):
            continue
        _note_unknown(resources, domain, unknown)
        if not serving_problem(resources, name, region, DEVICE):
            names = _certificate_names(resources, domain)
            # One that is looked up may have more names than the one that it is looked up by.
            if not any(covers(pattern, name) for pattern in names):
                unknown.add(f"{domain.id}: the names of its server certificate are not known")
            certificates[name] = names or (name,)
    return certificates


def _certificate_names(resources: ResourceSet, domain: Resource) -> tuple[str, ...]:
    """Return the names of a domain configuration's certificate, as far as they are known."""
    arns = texts(domain.values.get("server_certificate_arns"))
    if len(arns) != 1:
        return ()
    if certificate := declared_certificate(resources, domain, arns[0]):
        return certificate_names(resources, certificate) or ()
    # AWS IoT refuses a domain configuration whose certificate does not cover its name:
    # docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html
    own = literal(domain.values.get("domain_name"))
    return (own,) if own and literal(arns[0]) else ()


def _note_unknown(resources: ResourceSet, domain: Resource, unknown: Sentences) -> None:
    for key, value in domain.values.items():
        if value and key not in _ARGUMENTS:
            unknown.add(f"{domain.id}: {key} is not rehearsed")
    tls = block(domain.values, "tls_config") or {}
    policy = resolved_upper(resources, domain, tls.get("security_policy"))
    if policy and policy not in _SECURITY_POLICIES:
        unknown.add(f"{domain.id}: security_policy {policy} is not known")


def device_policies(
    resources: ResourceSet, region: str, primary: str, unknown: Sentences
) -> tuple[str, ...]:
    """Return the IoT policies of a device that joined in the primary, in a region, as JSON.

    The region's provisioning templates name them, else those of the primary do: a certificate is
    copied with the names of its policies, and each region has its own policies. Without a template
    it is the only policy of the primary. A policy that a region does not have permits nothing.
    """
    for attachment in resources.of_type(_ATTACHMENT):
        if attachment.region == region:
            unknown.add(f"{attachment.id}: whether devices are among its targets is not known")
    names = _template_policies(resources, region, unknown) or (
        _template_policies(resources, primary, unknown) or _only_policy(resources, primary, unknown)
    )
    documents: list[str] = []
    for policy in _policies(resources, region):
        if _name(resources, policy) in names:
            text = literal(resources.resolve(policy, policy.values.get("policy")))
            documents.append(text or "")
    return tuple(documents)


def _policies(resources: ResourceSet, region: str) -> Iterator[Resource]:
    return (each for each in resources.of_type(_POLICY) if each.region == region)


def _name(resources: ResourceSet, policy: Resource) -> str:
    return resolved_text(resources, policy, policy.values.get("name")) or policy.id


def _only_policy(resources: ResourceSet, region: str, unknown: Sentences) -> frozenset[str]:
    policies = list(_policies(resources, region))
    names = frozenset(_name(resources, policy) for policy in policies)
    # Of several with one name AWS accepts the first, so a Deny in any of them may count.
    if len(names) != 1:
        which = ", ".join(policy.id for policy in policies) or f"no {_POLICY} in {region}"
        unknown.add(f"which IoT policy the devices have is not known: {which}")
    return names


def _template_policies(resources: ResourceSet, region: str, unknown: Sentences) -> frozenset[str]:
    """Return the names of the policies that a region's enabled templates attach."""
    names: set[str] = set()
    for template in resources.of_type(_TEMPLATE):
        if template.region != region or not is_true(resources, template, "enabled"):
            continue
        attached = list(_attached(resources, template))
        if not attached or None in attached:
            unknown.add(f"{template.id}: the policies that it attaches are not known")
        names.update(name for name in attached if name)
    return frozenset(names)


def _attached(resources: ResourceSet, template: Resource) -> Iterator[str | None]:
    """Yield the name of each policy of a provisioning template, None for one without a name.

    docs.aws.amazon.com/iot/latest/developerguide/provision-template.html.
    """
    body = json_in(literal(resources.resolve(template, template.values.get("template_body"))))
    for resource in map(mapping, mapping(mapping(body).get("Resources")).values()):
        if resource.get("Type") == "AWS::IoT::Policy":
            name = mapping(resource.get("Properties")).get("PolicyName")
            yield name if isinstance(name, str) else None

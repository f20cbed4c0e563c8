"""The module `regional-endpoint`: the IoT endpoint of one region."""

from typing import Final

from cdktf import Fn

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    CERTIFICATE,
    CREATE_CERTIFICATE,
    DEVICE_NAME,
    ZONE_NAME,
)
from iot_dr.emit.variables.settings import SETTINGS
from modules import served_certificate
from modules.certificate import Certificate, CertificateInputs
from modules.device_endpoint import DeviceEndpoint, DeviceEndpointInputs


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    provider, context = stack.provider(), stack.regional(has_roles=False)
    stack.device_name()
    certificate = Certificate(
        stack,
        "certificate",
        CertificateInputs(
            provider=provider,
            zone_name="${local.zone_name}",
            timeout_minutes="${var.certificate_minutes}",
        ),
    ).outputs
    stack.local(
        "certificate_arn", Fn.coalesce([certificate.arn, stack.string_variable("certificate_arn")])
    )
    endpoint = DeviceEndpoint(
        stack,
        DeviceEndpointInputs(
            provider=provider,
            context=context,
            account_id="${local.account_id}",
            zone_id="${var.zone_id}",
            device_name="${local.device_name}",
            regional_name="${var.label}-${local.region}.${local.zone_name}",
            certificate_arn="${local.certificate_arn}",
            tls_policy="${var.tls_policy}",
            ttl=stack.number_variable("ttl"),
        ),
    ).outputs
    stack.output(
        "regional_name", endpoint.regional_name, "Name that always resolves to this region"
    )
    stack.output(
        "alarm_topic_arn", endpoint.topic_arn, "ARN of the topic that this region's alarms notify"
    )
    stack.output("device_policy_name", endpoint.policy_name, "Name of the IoT policy for devices")
    stack.output(
        "certificate_arn",
        "${local.certificate_arn}",
        "ARN of the certificate that the region serves",
    )
    certificates = tuple(
        f"{type_}.{served_certificate.CERTIFICATE}"
        for type_ in ("aws_acm_certificate", "aws_acm_certificate_validation")
    )
    return (Optional(addresses=certificates, condition="var.create_certificate"),)


REGIONAL_ENDPOINT: Final = Blueprint(
    name="regional-endpoint",
    title="Regional endpoint",
    purpose="The IoT endpoint of one region: AWS IoT domain configurations for the device name and"
    " the regional name, their certificate and the alarm of its expiry, the CNAME of the regional"
    " name, the devices' IoT policy, and the topic of the region's alarms.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "domain", "account_id")),
        *(SETTINGS[name] for name in ("region", "zone_id")),
        ZONE_NAME,
        DEVICE_NAME,
        CREATE_CERTIFICATE,
        CERTIFICATE,
        *(SETTINGS[name] for name in ("label", "ttl", "tls_policy", "certificate_minutes")),
        TAGS,
    ),
    build=_build,
    values={"certificate_arn": None},
    notes=(
        (
            "In the home region set `create_certificate = false` and pass the `certificate_arn` of"
            " the module `hosted-zone`, which creates that region's certificate."
        ),
        (
            "Call it once per region, with that region's provider. Every region always serves the"
            " device name, also while DNS answers another region: failover needs no apply."
        ),
        (
            "The record of the module `hosted-zone` validates the certificate: ACM uses the same"
            " CNAME in every region of an account. The failover records and their checks are in the"
            " module `entry-point`, in one state for all regions, because records of two states"
            " cannot change together."
        ),
    ),
)

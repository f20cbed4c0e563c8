"""The IoT Core endpoint of a region under our own domain names."""

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_iot_endpoint import DataAwsIotEndpoint
from cdktf_cdktf_provider_aws.iot_domain_configuration import (
    IotDomainConfiguration,
    IotDomainConfigurationTlsConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct

from modules.context import Context
from modules.inputs import require
from modules.module import Module
from modules.name_limits import DOMAIN_CONFIGURATION_NAME_LIMIT
from modules.number import Number
from modules.record_ttl import require_valid_ttl


@dataclass(frozen=True)
class AdoptedDeviceName:
    """The name of the domain configuration that the device name had before.

    `certificate_arn` is its certificate in the region that has it, None in the other regions.
    """

    configuration: str
    certificate_arn: str | None


@dataclass(frozen=True, kw_only=True)
class RegionalEndpointInputs:
    """The device name, the regional name and its zone, and the certificate for both.

    `ttl` is in seconds; `tls_policy` is the name of an IoT Core security policy. `adopted`
    is set if devices used the device name before (ADR 0041): Terraform imports its domain
    configuration, and protocol and authentication stay as they are, or are the service's defaults.
    """

    provider: AwsProvider
    context: Context
    zone_id: str
    device_name: str
    regional_name: str
    certificate_arn: str
    tls_policy: str
    ttl: Number
    adopted: AdoptedDeviceName | None = None


@dataclass(frozen=True, kw_only=True)
class RegionalEndpointOutputs:
    """The regional name, from its record."""

    regional_name: str


class RegionalEndpoint(Module):
    """Domain configurations for the device name and the regional name, and the regional CNAME.

    IoT Core selects the configuration by SNI, so every region serves the device name all the time,
    and a failover needs no apply. The device name accepts only MQTT with X.509 certificates. The
    regional name has the service's defaults, so that a probe can publish over HTTPS. Raises
    InputError if the two names are the same, or for a TTL that Route 53 does not accept. Sources:
    docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html,
    docs.aws.amazon.com/iot/latest/developerguide/protocols.html (protocol and authentication).
    """

    def __init__(self, scope: Construct, id_: str, inputs: RegionalEndpointInputs) -> None:
        require(
            inputs.device_name != inputs.regional_name,
            RegionalEndpoint,
            "regional_name",
            inputs.regional_name,
            "another name than the device name, which moves between regions",
        )
        require_valid_ttl(RegionalEndpoint, inputs.ttl)
        super().__init__(scope, id_)
        adopted = inputs.adopted
        device_name = self._domain_configuration(
            "device_name",
            inputs,
            domain_name=inputs.device_name,
            name=adopted.configuration if adopted else None,
            certificate_arn=adopted.certificate_arn if adopted else None,
            application_protocol=None if adopted else "SECURE_MQTT",
            authentication_type=None if adopted else "AWS_X509",
        )
        if adopted and adopted.certificate_arn:
            self.import_existing(device_name, adopted.configuration, inputs.provider)
            # Also of `iot-dr destroy`: devices used it before.
            device_name.lifecycle = TerraformResourceLifecycle(prevent_destroy=True)
        self._domain_configuration("regional_name", inputs, domain_name=inputs.regional_name)
        endpoint = self.flat(
            DataAwsIotEndpoint(
                self, "endpoint", provider=inputs.provider, endpoint_type="iot:Data-ATS"
            ),
            "data_ats",
        )
        record = self.flat(
            Route53Record(
                self,
                "regional_record",
                provider=inputs.provider,
                zone_id=inputs.zone_id,
                name=inputs.regional_name,
                type="CNAME",
                ttl=inputs.ttl,
                records=[endpoint.endpoint_address],
            ),
            "regional_name",
        )
        self.outputs = RegionalEndpointOutputs(regional_name=record.fqdn)

    def _domain_configuration(  # noqa: PLR0913 - the two configurations differ in these arguments
        self,
        what: str,
        inputs: RegionalEndpointInputs,
        *,
        domain_name: str,
        name: str | None = None,
        certificate_arn: str | None = None,
        application_protocol: str | None = None,
        authentication_type: str | None = None,
    ) -> IotDomainConfiguration:
        own_name = inputs.context.name(what.replace("_", "-"), DOMAIN_CONFIGURATION_NAME_LIMIT)
        return self.flat(
            IotDomainConfiguration(
                self,
                what,
                provider=inputs.provider,
                name=name or own_name,
                domain_name=domain_name,
                server_certificate_arns=[certificate_arn or inputs.certificate_arn],
                service_type="DATA",
                application_protocol=application_protocol,
                authentication_type=authentication_type,
                tls_config=IotDomainConfigurationTlsConfig(security_policy=inputs.tls_policy),
            ),
            what,
        )

"""The CA whose devices AWS IoT takes in by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cdktf import ITerraformDependable, Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iot_ca_certificate import (
    IotCaCertificate,
    IotCaCertificateRegistrationConfig,
)
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.module import Module

_SLOT: Final = "device_ca"
_WRONG_ID: Final = (
    "AWS IoT knows the CA by another id than the SHA-256 of its certificate, by which it is kept"
    " from being copied to other regions."
)


@dataclass(frozen=True, kw_only=True)
class DeviceCaInputs:
    """The CA's certificate and id, the name of its template, and what has to stand before it."""

    provider: AwsProvider
    pem: str
    id: str
    template: str
    before: Sequence[ITerraformDependable]


class DeviceCa(Module):
    """A CA certificate that needs no proof by its key, so that every region can have the same one.

    Devices have to send the name of the server (SNI) as they connect. The template has the role,
    and is all that AWS's pages give with it. Sources:
    docs.aws.amazon.com/iot/latest/developerguide/manage-your-CA-certs.html,
    docs.aws.amazon.com/iot/latest/developerguide/jit-provisioning.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: DeviceCaInputs) -> None:
        super().__init__(scope, id_)
        self.flat(
            IotCaCertificate(
                self,
                "ca",
                provider=inputs.provider,
                ca_certificate_pem=inputs.pem,
                certificate_mode="SNI_ONLY",
                active=True,
                allow_auto_registration=True,
                registration_config=IotCaCertificateRegistrationConfig(
                    template_name=inputs.template
                ),
                depends_on=list(inputs.before),
                lifecycle=TerraformResourceLifecycle(
                    postcondition=[
                        Postcondition(
                            condition=f'${{self.id == "{inputs.id}"}}', error_message=_WRONG_ID
                        )
                    ]
                ),
            ),
            _SLOT,
        )

"""The CA certificate whose device certificates AWS IoT registers automatically (JITP)."""

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
    """The CA's certificate and expected id, its template, and what must exist before it."""

    provider: AwsProvider
    pem: str
    id: str
    template: str
    depends_on: Sequence[ITerraformDependable]


class DeviceCa(Module):
    """A CA certificate in SNI_ONLY mode with automatic registration by a provisioning template.

    SNI_ONLY needs no verification certificate, so every region can register the same CA; devices
    must send SNI when they connect. The registration config has only the template, which names the
    role. A postcondition fails if AWS IoT's id is not `id`. Sources:
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
                depends_on=list(inputs.depends_on),
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

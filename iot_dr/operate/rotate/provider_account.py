"""Combinations of provider and account that a rotation refuses."""

import os

from iot_dr.terraform.provider_backend import ProviderMismatchError, refuse_sandbox
from iot_dr.terraform_json.provider_choice import Provider


def refuse_provider_mismatch(provider: Provider) -> None:
    """Raise ProviderMismatchError for `aws` with a local account, or the stand-in with AWS.

    A rotation sets the switch directly, not through a Terraform provider: with the stand-in, real
    devices would be switched away for a generated certificate.
    """
    try:
        refuse_sandbox(os.environ)
    except ProviderMismatchError:
        if provider is Provider.AWS:
            raise
        return
    if provider is Provider.STANDIN:
        raise ProviderMismatchError(
            "PROVIDER=standin generates certificates, but a rotation would set the real switch:"
            " pass --provider aws, or set AWS_ENDPOINT_URL to an account on this machine"
        )

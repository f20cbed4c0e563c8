"""Providers and accounts that do not go together in a rotation."""

import os

from iot_dr.terraform.mixture import MixtureError, refuse_sandbox
from iot_dr.terraform_json.provider_choice import Provider


def refuse_mixture(provider: Provider) -> None:
    """Raise MixtureError when the real provider meets a made-up account, or the stand-in AWS.

    A rotation puts the switch itself, and not through a provider: with the stand-in, real devices
    would be led away for a certificate that is made up.
    """
    try:
        refuse_sandbox(os.environ)
    except MixtureError:
        if provider is Provider.AWS:
            raise
        return
    if provider is Provider.STANDIN:
        raise MixtureError(
            "PROVIDER=standin makes certificates up, and the switch that a rotation puts would be a"
            " real one; name --provider aws, or lead AWS_ENDPOINT_URL to an account on this machine"
        )

"""The objects beside the states of an environment, wherever these are."""

from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.state.objects import Objects, S3Objects, SandboxObjects
from iot_dr.terraform_json.provider_choice import Provider


def opened_objects(settings: Settings, provider: Provider, sandbox: Path) -> Objects:
    """Give those in AWS's S3, and with the stand-in those of the sandbox in a folder."""
    if provider is Provider.STANDIN:
        return SandboxObjects(sandbox)
    return S3Objects(settings.deploy_role_arn)

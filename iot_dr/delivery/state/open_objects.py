"""The objects next to the states of an environment, in S3 or in a sandbox."""

from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.state.objects import Objects, S3Objects, SandboxObjects
from iot_dr.terraform_json.provider_choice import Provider


def open_objects(settings: Settings, provider: Provider, sandbox: Path) -> Objects:
    """Return the objects in S3 or, with the stand-in, in the folder `sandbox`."""
    if provider is Provider.STANDIN:
        return SandboxObjects(sandbox)
    return S3Objects(settings.deploy_role_arn)

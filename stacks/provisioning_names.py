"""What stacks and tools call the parts by which devices join, without making any."""

from typing import Final

from environments.provisioning import FleetProvisioning
from environments.provisioning_files import device_ca
from environments.settings import Settings
from modules.context import Context
from modules.device_policy_name import device_policy_name

# docs.aws.amazon.com/iot/latest/apireference: CreateProvisioningTemplate, CreatePolicy
_TEMPLATE_LIMIT: Final = 36
_POLICY_LIMIT: Final = 128


def template_name(context: Context) -> str:
    """Name the provisioning template, the same in every region, as devices know it by its name."""
    return context.name("provisioning", _TEMPLATE_LIMIT)


def role_name(context: Context) -> str:
    """Name the role by which a region's AWS IoT makes what the template says."""
    return context.name(f"provisioning-{context.region}")


def claim_policy_name(context: Context) -> str:
    """Name the policy of claim certificates, the same in every region."""
    return context.name("claim", _POLICY_LIMIT)


def own_policies(settings: Settings, context: Context) -> tuple[str, ...]:
    """Name the policies that each region's stacks make: of devices, and where set of claims."""
    block = settings.data.provisioning if settings.data else None
    claim = (claim_policy_name(context),) if isinstance(block, FleetProvisioning) else ()
    return (device_policy_name(context), *claim)


def device_ca_ids(settings: Settings) -> tuple[str, ...]:
    """Give the id of the CA certificate that Terraform registers in each region, if any.

    Raises SettingsError where its file cannot be read.
    """
    found = device_ca(settings)
    return (found.id,) if found else ()

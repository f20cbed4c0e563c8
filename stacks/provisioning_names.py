"""The names of provisioning resources, for callers that do not create them."""

from environments.provisioning import FleetProvisioning
from environments.provisioning_files import device_ca
from environments.settings import Settings
from modules.context import Context
from modules.device_policy_name import device_policy_name
from modules.name_limits import IOT_POLICY_NAME_LIMIT, TEMPLATE_NAME_LIMIT


def template_name(context: Context) -> str:
    """Return the provisioning template's name, the same in every region, since devices use it."""
    return context.name("provisioning", TEMPLATE_NAME_LIMIT)


def role_name(context: Context) -> str:
    """Return the name of a region's provisioning role."""
    return context.name(f"provisioning-{context.region}")


def claim_policy_name(context: Context) -> str:
    """Return the name of the claim certificates' policy, the same in every region."""
    return context.name("claim", IOT_POLICY_NAME_LIMIT)


def own_policies(settings: Settings, context: Context) -> tuple[str, ...]:
    """Return the IoT policies that each region's stacks create, for devices and for claims."""
    block = settings.data.provisioning if settings.data else None
    claim = (claim_policy_name(context),) if isinstance(block, FleetProvisioning) else ()
    return (device_policy_name(context), *claim)


def device_ca_ids(settings: Settings) -> tuple[str, ...]:
    """Return the id of the CA certificate that Terraform registers in each region, if any.

    Raises SettingsError if its file cannot be read.
    """
    ca = device_ca(settings)
    return (ca.id,) if ca else ()

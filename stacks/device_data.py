"""What stacks know of the data of devices without reading any state."""

from environments.settings import Data, Settings
from modules.context import Context


def device_data(settings: Settings) -> Data:
    """Give the block `data`; raises ValueError for an environment without one."""
    if settings.data is None:
        message = f"{settings.environment} has no data block, and so no stack for devices' data"
        raise ValueError(message)
    return settings.data


def state_table(context: Context) -> str:
    """Name the table with the last known state of each device, the same in every region."""
    return context.name("device-state")


def registry_table(context: Context) -> str:
    """Name the table with what each region holds of the registry, the same in every region."""
    return context.name("device-registry")


def table_arn(context: Context, account_id: str, table: str) -> str:
    """Give the ARN of a table's replica in the region of the context."""
    return f"arn:aws:dynamodb:{context.region}:{account_id}:table/{table}"

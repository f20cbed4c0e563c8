"""The settings of an environment for the data of devices."""

from environments.settings import Data, Settings


def device_data(settings: Settings) -> Data:
    """Give the block `data`; raises ValueError for an environment without one."""
    if settings.data is None:
        message = f"{settings.environment} has no data block, and so no stack for devices' data"
        raise ValueError(message)
    return settings.data

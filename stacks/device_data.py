"""The device data settings of an environment."""

from environments.settings import Data, Settings


def device_data(settings: Settings) -> Data:
    """Return the block `data`; raises ValueError for an environment without one."""
    if settings.data is None:
        message = f"{settings.environment} has no data block, and so no device data stack"
        raise ValueError(message)
    return settings.data

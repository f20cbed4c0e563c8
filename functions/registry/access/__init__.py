"""One region's IoT Core: reads, lists and writes what the regions keep equal."""

from functions.registry.access.errors import Never, NotYet
from functions.registry.access.registry import Excluded, Page, RegistryAccess, excluded

__all__ = ["Excluded", "Never", "NotYet", "Page", "RegistryAccess", "excluded"]

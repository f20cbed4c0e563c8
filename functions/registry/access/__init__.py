"""One region's IoT Core: reads, lists and writes what the regions keep equal."""

from functions.registry.access.errors import Never, NotYet
from functions.registry.access.registry import Page, RegistryAccess, excluded

__all__ = ["Never", "NotYet", "Page", "RegistryAccess", "excluded"]

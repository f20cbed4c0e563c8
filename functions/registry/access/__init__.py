"""Access to one region's IoT Core: reads, lists and writes the entities that are replicated."""

from functions.registry.access.errors import PermanentError, RetryableError
from functions.registry.access.registry import Excluded, Page, RegistryAccess, excluded

__all__ = ["Excluded", "Page", "PermanentError", "RegistryAccess", "RetryableError", "excluded"]

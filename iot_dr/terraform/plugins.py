"""The folder in which real providers are kept from run to run."""

import os
from pathlib import Path


def plugin_cache() -> Path:
    """Give the folder below the user's cache folder."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "iot-dr" / "plugins"

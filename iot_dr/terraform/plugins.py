"""The cache of real providers, shared by all runs."""

import os
from pathlib import Path


def plugin_cache() -> Path:
    """Return the folder of downloaded providers, below XDG_CACHE_HOME or `~/.cache`."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "iot-dr" / "plugins"

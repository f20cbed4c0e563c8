"""The engine that runs the constructs: cdktf, or its maintained fork cdktn (CDK Terrain)."""

import os
import sys
from importlib.machinery import PathFinder

VARIABLE = "ENGINE"
"""The environment variable that names the engine; unset means cdktf."""

PROVIDERS = {"cdktf": "cdktf_cdktf_provider_aws", "cdktn": "cdktn_provider_aws"}
"""The package of AWS provider bindings, keyed by engine; an engine is named like its package."""

LAZY = {"cdktn"}
"""Engines whose provider package already imports its submodules on first use."""

SOURCE_ENGINE = "cdktf"
"""The engine whose packages the sources import."""


def chosen() -> str:
    """Return the engine that ENGINE names; exit with status 2 if it is unknown or not installed."""
    name = os.environ.get(VARIABLE)
    if not name:
        return SOURCE_ENGINE
    if name not in PROVIDERS:
        known = " or ".join(map(repr, PROVIDERS))
        _refuse(f"{VARIABLE}={name!r} is not known; set it to {known}, or unset it")
    missing = [each for each in (name, PROVIDERS[name]) if PathFinder.find_spec(each) is None]
    if missing:
        _refuse(
            f"{VARIABLE}={name}: the package {missing[0]} is not installed; "
            f"run `make install`, or unset {VARIABLE}"
        )
    return name


def renamed(name: str) -> dict[str, str]:
    """Return the packages that have another name in an engine, keyed by their name in the sources.

    Empty for cdktf.
    """
    pairs = ((SOURCE_ENGINE, name), (PROVIDERS[SOURCE_ENGINE], PROVIDERS[name]))
    return {imported: own for imported, own in pairs if imported != own}


def _refuse(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(2)

"""The engine that runs the constructs: cdktf, or its maintained fork cdktn (CDK Terrain)."""

import os
import sys
from importlib.machinery import PathFinder

VARIABLE = "ENGINE"
"""The environment variable that names the engine; unset means the project's, or else cdktf."""

PROVIDERS = {"cdktf": "cdktf_cdktf_provider_aws", "cdktn": "cdktn_provider_aws"}
"""The package of AWS provider bindings, keyed by engine; an engine is named like its package."""

LAZY = {"cdktn"}
"""Engines whose provider package already imports its submodules on first use."""

SOURCE_ENGINE = "cdktf"
"""The engine whose packages the sources import."""


def chosen() -> str:
    """Return the engine that ENGINE names, or else the project; cdktf if neither does.

    Exits with status 2 if ENGINE's is unknown or not installed, and if the project's is unknown:
    commands that need no engine work where the project's is not installed.
    """
    return named() or _of_project()


def named() -> str | None:
    """Return the engine that ENGINE names, if it is set; exits as `chosen` does."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
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


def _of_project() -> str:
    from environments.project import (  # noqa: PLC0415 - not if ENGINE is set
        ENGINE_KEY,
        MARK,
        project_engine,
    )

    name = project_engine() or SOURCE_ENGINE
    if name not in PROVIDERS:
        known = " or ".join(map(repr, PROVIDERS))
        _refuse(f"{MARK}: context: {ENGINE_KEY}={name!r} is not known; expected {known}")
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

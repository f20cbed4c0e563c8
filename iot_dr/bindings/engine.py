"""The engine that runs the constructs: cdktf, or its maintained fork cdktn (CDK Terrain)."""

import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False  # `typing` takes longer to import than all of this
if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "ENGINE"
"""The environment variable that names the engine; unset means the project's, or else cdktf."""

PROVIDERS = {"cdktf": "cdktf_cdktf_provider_aws", "cdktn": "cdktn_provider_aws"}
"""The package of AWS provider bindings, keyed by engine; an engine is named like its package."""

EXTRAS = {"cdktf": "synth", "cdktn": "cdktn"}
"""The extra of the wheel that brings an engine with its bindings, keyed by engine."""

LAZY = {"cdktn"}
"""Engines whose provider package already imports its submodules on first use."""

SOURCE_ENGINE = "cdktf"
"""The engine whose packages the sources import."""


def chosen() -> str:
    """Return the engine that ENGINE names, or else the project; cdktf if neither does.

    Exits with status 2 if ENGINE's is unknown or not installed, and if the project's is unknown:
    commands that need no engine work where the project's is not installed.
    """
    try:
        return named() or of_project()
    except ValueError as error:
        raise _refusal(str(error)) from None


def named() -> str | None:
    """Return the engine that ENGINE names, if it is set; exits as `chosen` does."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    if name not in PROVIDERS:
        known = " or ".join(map(repr, PROVIDERS))
        raise _refusal(f"{VARIABLE}={name!r} is not known; set it to {known}, or unset it")
    missing = [each for each in (name, PROVIDERS[name]) if PathFinder.find_spec(each) is None]
    if missing:
        raise _refusal(
            f"{VARIABLE}={name}: the package {missing[0]} is not installed; install the extra "
            f"{EXTRAS[name]} (in a clone: `make install`), or unset {VARIABLE}"
        )
    return name


def of_project(root: "Path | None" = None) -> str:
    """Return the engine of the project in `root`, or of the one around the working directory.

    It is cdktf without a project that names another one. Raises ValueError if it is unknown.
    """
    from environments.project import (  # noqa: PLC0415 - not if ENGINE is set
        ENGINE_KEY,
        MARK,
        project_engine,
    )

    name = project_engine(root) or SOURCE_ENGINE
    if name not in PROVIDERS:
        known = " or ".join(map(repr, PROVIDERS))
        raise ValueError(f"{MARK}: context: {ENGINE_KEY}={name!r} is not known; expected {known}")
    return name


def renamed(name: str) -> dict[str, str]:
    """Return the packages that have another name in an engine, keyed by their name in the sources.

    Empty for cdktf.
    """
    pairs = ((SOURCE_ENGINE, name), (PROVIDERS[SOURCE_ENGINE], PROVIDERS[name]))
    return {imported: own for imported, own in pairs if imported != own}


def _refusal(message: str) -> SystemExit:
    sys.stderr.write(f"error: {message}\n")
    return SystemExit(2)

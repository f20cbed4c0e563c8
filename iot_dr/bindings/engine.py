"""The engine that the constructs run on: cdktf, or its living fork cdktn (CDK Terrain)."""

import os
import sys
from importlib.machinery import PathFinder

VARIABLE = "ENGINE"
"""Names the engine; cdktf where it is not set."""

PROVIDERS = {"cdktf": "cdktf_cdktf_provider_aws", "cdktn": "cdktn_provider_aws"}
"""The package of the AWS provider's bindings for each engine, which is a package of its name."""

LAZY = {"cdktn"}
"""The engines whose provider package imports a submodule on its first use by itself."""

WRITTEN_FOR = "cdktf"
"""The engine whose packages the sources import."""


def chosen() -> str:
    """Give the engine that the user chose; exits 2 on an unknown one or one that is missing."""
    name = os.environ.get(VARIABLE)
    if not name:
        return WRITTEN_FOR
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
    """Give the packages that an engine has in the place of those that the sources import."""
    pairs = ((WRITTEN_FOR, name), (PROVIDERS[WRITTEN_FOR], PROVIDERS[name]))
    return {imported: own for imported, own in pairs if imported != own}


def _refuse(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(2)

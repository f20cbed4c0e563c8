"""The versions that the fast start was tested with, and the installed ones."""

import os
import sys
from collections.abc import Container, Iterable

_JSII = {"jsii": ("1.142",)}
JSII_PROGRAM = 0xD564CE64
"""The CRC-32 of `jsii/_embedded/jsii/lib__program.js`, which node.py starts in its own way."""

# By engine. A version includes its subversions, such as 21.22.1.1. `constructs` is
# not here: of it, only the name of the module that starts jsii's node is used.
KNOWN = {
    "cdktf": {"cdktf": ("0.21.0",), "cdktf_cdktf_provider_aws": ("21.22.1",), **_JSII},
    "cdktn": {"cdktn": ("0.24.0",), "cdktn_provider_aws": ("25.8.1",), **_JSII},
}


def unknown(engine: str, path: Iterable[str] | None = None) -> str | None:
    """Return the engine's packages of untested versions as text; None if all are known.

    Versions are read from the names of dist-info folders on `path` (default: sys.path), in 0.2 ms;
    importlib.metadata takes 30 ms. A missing package is not reported: its import fails anyway.
    """
    known = KNOWN[engine]
    installed = _installed(known, sys.path if path is None else path)
    wrong = [
        f"{name} {' and '.join(versions)} (known: {', '.join(known[name])})"
        for name, versions in sorted(installed.items())
        if not _all_known(versions, known[name])
    ]
    return "; ".join(wrong) or None


def _all_known(versions: list[str], known: Iterable[str]) -> bool:
    beginnings = tuple(f"{version}." for version in known)
    return all(f"{version}.".startswith(beginnings) for version in versions)


def _installed(names: Container[str], path: Iterable[str]) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for folder in path:
        here: dict[str, list[str]] = {}
        for entry in _entries(folder):
            name, dash, rest = entry.partition("-")
            if dash and name in names and rest.endswith(".dist-info"):
                here.setdefault(name, []).append(rest.removesuffix(".dist-info"))
        versions = here | versions
    return versions


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")  # noqa: PTH208 - pathlib would be imported for this alone
    except OSError:
        return []

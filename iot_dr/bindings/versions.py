"""The versions whose generated code the fast start was checked against, and those installed."""

import os
import sys
from collections.abc import Iterable

# A version stands for itself and for what follows it after a dot. `constructs` is not here: of it,
# only the name of the module that starts jsii's node is used.
KNOWN = {
    "cdktf": ("0.21.0",),
    "cdktf_cdktf_provider_aws": ("21.22.1",),
    "jsii": ("1.142",),
}


def unknown(path: Iterable[str] | None = None) -> str | None:
    """Name the installed packages of another version than the known ones; None when all are known.

    Versions come from the names of the dist-info folders on `path` (sys.path by default), which
    costs 0.2 ms; importlib.metadata costs 30 ms. A package that is not installed is no finding:
    its import says so.
    """
    found = _installed(sys.path if path is None else path)
    wrong = [
        f"{name} {' and '.join(versions)} (known: {', '.join(KNOWN[name])})"
        for name, versions in sorted(found.items())
        if not _all_known(name, versions)
    ]
    return "; ".join(wrong) or None


def _all_known(name: str, versions: list[str]) -> bool:
    known = tuple(f"{version}." for version in KNOWN[name])
    return all(f"{version}.".startswith(known) for version in versions)


def _installed(path: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for folder in path:
        here: dict[str, list[str]] = {}
        for entry in _entries(folder):
            name, dash, rest = entry.partition("-")
            if dash and name in KNOWN and rest.endswith(".dist-info"):
                here.setdefault(name, []).append(rest.removesuffix(".dist-info"))
        found = here | found
    return found


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder or ".")  # noqa: PTH208 - pathlib would be imported for this alone
    except OSError:
        return []

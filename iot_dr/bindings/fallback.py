"""The warning that says why the bindings load slowly."""

import sys

_warned: list[str] = []


def warn_once(reason: str) -> None:
    """Write the first reason to stderr; later ones of the same process are dropped."""
    if not _warned:
        _warned.append(reason)
        sys.stderr.write(f"warning: provider bindings load without the fast start: {reason}\n")

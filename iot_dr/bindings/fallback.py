"""The one line that says why the bindings load slowly."""

import sys

_told: list[str] = []


def warn_once(reason: str) -> None:
    """Write the first reason to stderr; the following ones of the same process are dropped."""
    if not _told:
        _told.append(reason)
        sys.stderr.write(f"warning: provider bindings load without the fast start: {reason}\n")

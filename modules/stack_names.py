"""The names of an environment's stacks, and their kinds and roles, importable without CDKTF."""

from typing import Literal

What = Literal[
    "pipeline",
    "state",
    "hosted-zone",
    "data",
    "iot",
    "telemetry",
    "device-registry",
    "entry-point",
]
"""The kinds of the platform's stacks; a project's own stacks have others."""

Role = Literal["primary", "standby", "leaving", "active", "standing"]
"""What a stack is for in its region; global stacks have none."""


def stack_name(environment: str, what: str, region: str | None = None) -> str:
    """Return `iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))

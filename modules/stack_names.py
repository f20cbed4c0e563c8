"""The names of an environment's stacks, and their kinds and roles, importable without CDKTF."""

from typing import Final, Literal, get_args

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
PLATFORM_KINDS: Final = frozenset[str](get_args(What))
"""The kinds of the platform's stacks; a project's own stacks have others."""

Role = Literal["primary", "standby", "leaving", "active", "standing"]
"""What a stack is for in its region; global stacks have none."""


def stack_name(environment: str, what: str, region: str | None = None) -> str:
    """Return `iot-{environment}-{what}[-{region}]`."""
    return "-".join(filter(None, ("iot", environment, what, region)))


def is_stack_of(environment: str, name: str) -> bool:
    """Whether a stack's name is of an environment, or of one whose name begins with it and `-`."""
    return name.startswith(f"iot-{environment}-")

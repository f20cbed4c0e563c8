"""The environment whose certificates are rotated in these tests."""

from typing import Final

from environments.loader import load

DEV: Final = load("dev", {})
WEST, CENTRAL = DEV.regions


def arn(name: str) -> str:
    """Give the ARN of a certificate."""
    return f"arn:aws:acm:{name}:111111111111:certificate/{name}"

"""The environment whose certificates are rotated in these tests."""

from typing import Final

from environments.loader import load
from tests.iot_dr.operate.rotate.bench import first_arn

DEV: Final = load("dev", {})
WEST, CENTRAL = DEV.regions

arn = first_arn
"""Gives the ARN of the certificate that a region has at first."""

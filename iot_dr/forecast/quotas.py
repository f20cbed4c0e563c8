"""Quotas of AWS IoT on which the recovery time depends."""

from typing import Final

QUOTAS: Final = {"connect_rate": "L-AEA1E176", "connections": "L-75CAB723"}
"""Codes of two quotas of an account in a region: connects a second, concurrent connections.

docs.aws.amazon.com/general/latest/gr/iot-core.html.
"""

"""The variable that leads commands to other servers than the public ones."""

import os
from typing import Final

from iot_dr.common.plain_text import plain

NETWORK_VARIABLE: Final = "IOT_DR_NETWORK"
"""Its value names the servers, such as those of `iot-dr drill play`."""


def other_network() -> str:
    """Return what a person must know where the variable is set, "" where it is not."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint or not os.environ.get(NETWORK_VARIABLE):
        return ""
    return (
        f"{NETWORK_VARIABLE} is set: this terminal sees {plain(endpoint)} instead of AWS. Once that"
        " game has ended, use another terminal."
    )

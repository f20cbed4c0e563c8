"""The shallow probe: a TCP connection."""

from functions.contract import MQTT_PORT
from functions.probe.connection import Connect, connect
from functions.probe.deadline import Deadline


class TcpProbe:
    """Connects to MQTT_PORT of a host; tests neither certificate nor authorization nor broker."""

    def __init__(self, host: str, *, connect: Connect = connect) -> None:
        self._host = host
        self._connect = connect

    def __call__(self, deadline: Deadline) -> None:
        """Connect and close; raises OSError if it fails within the deadline or exceeds it."""
        self._connect(self._host, MQTT_PORT, deadline).close()

"""The shallow probe: a TCP connection."""

from functions.probe.connection import Connect, connect
from functions.probe.deadline import Deadline

# docs.aws.amazon.com/iot/latest/developerguide/protocols.html
_MQTT_OVER_TLS = 8883


class TcpProbe:
    """Connects to port 8883 of a host; tests neither certificate nor authorization nor broker."""

    def __init__(self, host: str, *, connect: Connect = connect) -> None:
        self._host = host
        self._connect = connect

    def __call__(self, deadline: Deadline) -> None:
        """Connect and close; raises OSError if it fails within the deadline or exceeds it."""
        self._connect(self._host, _MQTT_OVER_TLS, deadline).close()

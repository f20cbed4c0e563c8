"""TLS to a host, which has to prove its name."""

import contextlib
import ssl
from collections.abc import Generator

from functions.probe.connection import Connect, connect
from functions.probe.deadline import Deadline

_HTTPS = 443


@contextlib.contextmanager
def secured(
    host: str, deadline: Deadline, connect: Connect, trust: ssl.SSLContext
) -> Generator[ssl.SSLSocket]:
    """Connect to port 443 and shake hands, for the length of a `with` block.

    Raises OSError, of which ssl.SSLError and TimeoutError are some.
    """
    with connect(host, _HTTPS, deadline) as plain:
        plain.settimeout(deadline.left())
        with trust.wrap_socket(plain, server_hostname=host) as tls:
            yield tls


class TlsProbe:
    """Shakes hands with a host and says no more: its certificate is served, nothing else known."""

    def __init__(
        self, host: str, *, connect: Connect = connect, trust: ssl.SSLContext | None = None
    ) -> None:
        self._host = host
        self._connect = connect
        self._trust = trust or ssl.create_default_context()

    def __call__(self, deadline: Deadline) -> None:
        """Connect, shake hands and close; raises OSError when it cannot within the deadline."""
        with secured(self._host, deadline, self._connect, self._trust):
            pass

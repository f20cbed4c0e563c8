"""TLS connections to a host, with verification of its certificate and name."""

import contextlib
import ssl
from collections.abc import Generator

from functions.contract import HTTPS_PORT
from functions.probe.connection import Connect, connect
from functions.probe.deadline import Deadline

# docs.aws.amazon.com/iot/latest/developerguide/protocols.html


@contextlib.contextmanager
def tls_connection(
    host: str, deadline: Deadline, connect: Connect, tls_context: ssl.SSLContext
) -> Generator[ssl.SSLSocket]:
    """Connect to port 443 and perform the TLS handshake, for the length of a `with` block.

    Raises OSError, of which ssl.SSLError and TimeoutError are subclasses.
    """
    with connect(host, HTTPS_PORT, deadline) as tcp:
        tcp.settimeout(deadline.remaining())
        # AWS IoT selects the domain configuration, and with it the certificate, by SNI.
        # docs.aws.amazon.com/iot/latest/developerguide/transport-security.html
        with tls_context.wrap_socket(tcp, server_hostname=host) as tls:
            yield tls


class TlsProbe:
    """Performs a TLS handshake: shows that the certificate is served, and nothing beyond."""

    def __init__(
        self, host: str, *, connect: Connect = connect, tls_context: ssl.SSLContext | None = None
    ) -> None:
        self._host = host
        self._connect = connect
        self._tls_context = tls_context or ssl.create_default_context()

    def __call__(self, deadline: Deadline) -> None:
        """Connect, perform the handshake and close.

        Raises OSError if it fails or exceeds the deadline.
        """
        with tls_connection(self._host, deadline, self._connect, self._tls_context):
            pass

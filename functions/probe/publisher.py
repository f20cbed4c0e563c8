"""The deep probe: a message through DNS, TLS, authorization and broker, as a device sends it."""

import re
import ssl

from functions.probe.connection import Connect, connect, tls_connection
from functions.probe.deadline import Deadline
from functions.probe.request import PublishTarget, publish_request
from functions.probe.result import StatusError

# docs.aws.amazon.com/iot/latest/apireference/API_iotdata_Publish.html
_OK = 200
_MAX_STATUS_LINE = 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")


class Publisher:
    """Publishes one message over HTTPS, each time over a new connection.

    A connection that is kept open would still work after the DNS record or the certificate has
    failed, which is what the probe is to detect; and it could be dead after a freeze.
    """

    def __init__(
        self,
        target: PublishTarget,
        *,
        connect: Connect = connect,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._connect = connect
        self._tls_context = tls_context or ssl.create_default_context()

    def __call__(self, deadline: Deadline) -> None:
        """Publish, and return once the broker has accepted the message.

        Raises StatusError for another status than 200; OSError (including ssl.SSLError and
        TimeoutError) if the broker cannot be reached, has no valid certificate for the name, is
        late, or sends no complete status line; ValueError if that line is not HTTP; KeyError if
        there are no credentials.
        """
        request = publish_request(self._target)
        with tls_connection(self._target.host, deadline, self._connect, self._tls_context) as tls:
            tls.settimeout(deadline.remaining())
            tls.sendall(request)
            status = _status(tls, deadline)
        if status != _OK:
            raise StatusError(status)


def _status(tls: ssl.SSLSocket, deadline: Deadline) -> int:
    line = b""
    while b"\r\n" not in line:
        # The timeout is set again for each recv, or a server that drips bytes would never be late.
        tls.settimeout(deadline.remaining())
        chunk = tls.recv(_MAX_STATUS_LINE - len(line))
        if not chunk:
            raise ConnectionError
        line += chunk
    match = _STATUS.match(line)
    if match is None:
        raise ValueError
    return int(match[1])

"""The deep probe: a message through a name of the broker, as a device would send it."""

import re
import ssl

from functions.probe.connection import Connect, connect
from functions.probe.deadline import Deadline
from functions.probe.request import Topic, publish_request
from functions.probe.result import StatusError
from functions.probe.tls import secured

_OK = 200
_LONGEST_STATUS_LINE = 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")


class Publisher:
    """Publishes one message over HTTPS, each time over a connection of its own.

    One that is kept open would go on working after the name stopped to resolve or the certificate
    to be valid, which is what a probe is to find; and it would be dead, unnoticed, after a freeze.
    """

    def __init__(
        self, to: Topic, *, connect: Connect = connect, trust: ssl.SSLContext | None = None
    ) -> None:
        self._to = to
        self._connect = connect
        self._trust = trust or ssl.create_default_context()

    def __call__(self, deadline: Deadline) -> None:
        """Publish; returns once the broker has the message.

        Raises StatusError when it refuses, OSError (ssl.SSLError and TimeoutError are some) when it
        cannot be reached, proves to be someone else, or is late, and ValueError when it speaks no
        HTTP.
        """
        request = publish_request(self._to)
        with secured(self._to.host, deadline, self._connect, self._trust) as tls:
            tls.settimeout(deadline.left())
            tls.sendall(request)
            status = _status(tls, deadline)
        if status != _OK:
            raise StatusError(status)


def _status(tls: ssl.SSLSocket, deadline: Deadline) -> int:
    line = b""
    while b"\r\n" not in line:
        # Anew for each piece: a server that drips bytes would else never be late.
        tls.settimeout(deadline.left())
        piece = tls.recv(_LONGEST_STATUS_LINE - len(line))
        if not piece:
            raise ConnectionError
        line += piece
    match = _STATUS.match(line)
    if match is None:
        raise ValueError
    return int(match[1])

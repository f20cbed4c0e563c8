"""A name server on loopback that answers from a function."""

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar, cast

import dns.message
import dns.rrset
from dns.message import QueryMessage
from dns.rdatatype import RdataType

from iot_dr.observe.status.network import Resolver
from iot_dr.terraform.sandbox.loopback import HOST

Records = list[tuple[int, str]]
"""TTL and data of the records in an answer."""

Zone = Callable[[str, RdataType], Records]


@dataclass
class NameServer:
    """Answers from `zone`."""

    zone: Zone
    channel: socket.socket = field(
        default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    )

    def __post_init__(self) -> None:
        self.channel.bind((HOST, 0))

    @property
    def port(self) -> int:
        """The port on the loopback address."""
        return self.channel.getsockname()[1]

    @property
    def resolver(self) -> Resolver:
        """The server, as a resolver."""
        return Resolver(HOST, self.port)

    def serve(self) -> None:
        """Answer until a datagram is empty."""
        while True:
            query, sender = self.channel.recvfrom(4096)
            if not query:
                return
            for datagram in self.datagrams(query):
                self.channel.sendto(datagram, sender)

    def datagrams(self, query: bytes) -> Sequence[bytes]:
        """Return the answer to a query."""
        message = cast("QueryMessage", dns.message.from_wire(query))
        (question,) = message.question
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype
        result = dns.message.make_response(message, recursion_available=True)
        result.answer += [
            dns.rrset.from_text(question.name, ttl, "IN", kind.name, data)
            for ttl, data in self.zone(name, kind)
        ]
        return [result.to_wire()]


_Server = TypeVar("_Server", bound=NameServer)


@contextmanager
def serving(server: _Server) -> Generator[_Server]:
    """Serve for a `with` block."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            server.channel.sendto(b"", server.channel.getsockname())
        thread.join()
        server.channel.close()

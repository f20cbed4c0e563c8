"""A name server on loopback that answers from a function."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import dns.message
import dns.rcode
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
    """Answers from `zone`, or from `own` if that is not empty; may refuse or not answer.

    It does not answer the next `loses` queries, and sends its `noise` before each answer.
    """

    zone: Zone
    own: dict[tuple[str, RdataType], Records] = field(
        default_factory=dict[tuple[str, RdataType], Records]
    )
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    is_silent: bool = False
    loses: int = 0
    noise: bytes = b""
    asked: list[str] = field(default_factory=list[str])
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
            result = self._answer(query)
            if self.noise:
                self.channel.sendto(self.noise, sender)
            if self.loses:
                self.loses -= 1
            elif not self.is_silent:
                self.channel.sendto(result, sender)

    def _answer(self, query: bytes) -> bytes:
        message = cast("QueryMessage", dns.message.from_wire(query))
        (question,) = message.question
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype
        self.asked.append(name)
        result = dns.message.make_response(message, recursion_available=True)
        result.set_rcode(self.rcode)
        records = self.own[name, kind] if (name, kind) in self.own else self.zone(name, kind)
        if self.rcode == dns.rcode.NOERROR:
            result.answer += [
                dns.rrset.from_text(question.name, ttl, "IN", kind.name, data)
                for ttl, data in records
            ]
        return result.to_wire()


@contextmanager
def serving(server: NameServer) -> Generator[NameServer]:
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

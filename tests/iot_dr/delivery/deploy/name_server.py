"""A name server on loopback."""

import socket
import struct
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from iot_dr.observe.status.network import Network, Resolver

HOST = "127.0.0.1"
REFUSED = 5


def encoded(name: str) -> bytes:
    labels = [label.encode() for label in name.split(".")]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def name_record(owner: bytes, server: bytes, kind: int = 2) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 60, len(server)) + server


def response(query: bytes, records: list[bytes], *, code: int = 0, referral: bool = False) -> bytes:
    """Answer a query; a referral has its records in the authority section."""
    counts = (0, len(records)) if referral else (len(records), 0)
    return (
        query[:2]
        + struct.pack("!5H", 0x8180 | code, 1, *counts, 0)
        + query[12:]
        + b"".join(records)
    )


class NameServer:
    """Knows the name servers of some zones, and the names that it was asked for."""

    def __init__(self, zones: Mapping[str, list[str]]) -> None:
        self.zones = dict(zones)
        self.asked: list[str] = []
        self.code = 0
        self.channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.channel.bind((HOST, 0))
        self.port: int = self.channel.getsockname()[1]

    @property
    def network(self) -> Network:
        """The network in which all servers are this one."""
        return Network(resolvers=(Resolver(HOST, self.port),), authority_port=self.port)

    def serve(self) -> None:
        """Answer until a datagram is empty."""
        while True:
            query, sender = self.channel.recvfrom(512)
            if not query:
                return
            name = self._asked_for(query)
            self.asked.append(name)
            records = [name_record(b"\xc0\x0c", encoded(each)) for each in self.zones.get(name, [])]
            # A server above a zone refers to it; only the zone's own would answer.
            answer = response(query, records, code=self.code, referral=True)
            self.channel.sendto(answer, sender)

    @staticmethod
    def _asked_for(query: bytes) -> str:
        labels, at = list[str](), 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += 1 + length
        return ".".join(labels)


@contextmanager
def name_server(zones: Mapping[str, list[str]]) -> Generator[NameServer]:
    server = NameServer(zones)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"", (HOST, server.port))
        thread.join()
        server.channel.close()
